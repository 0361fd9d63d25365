/// The programs that a person runs.
module org.cotangent.apps {
  requires info.picocli;
  requires java.desktop;
  requires org.cotangent.nn;
  requires org.jfree.jfreechart;
  requires org.slf4j;
  requires static transitive org.jspecify;

  opens org.cotangent.apps to
      info.picocli;
}
