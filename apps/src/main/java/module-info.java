/// The programs that a person runs.
module org.cotangent.apps {
  requires info.picocli;
  requires java.desktop;
  requires java.net.http;
  requires org.cotangent.nn;
  requires org.jfree.jfreechart;
  requires org.slf4j;
  requires static transitive org.jspecify;

  opens org.cotangent.apps to
      info.picocli;
  opens org.cotangent.apps.support to
      info.picocli;
}
