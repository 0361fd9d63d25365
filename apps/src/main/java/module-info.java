/// The programs that a person runs.
module org.cotangent.apps {
  requires com.google.common; // ELK is an automatic module and cannot say so
  requires info.picocli;
  requires java.desktop;
  requires java.net.http;
  requires jdk.unsupported; // Ctrl-C: sun.misc.Signal
  requires org.cotangent.nn;
  requires org.eclipse.elk.alg.layered;
  requires org.eclipse.elk.core;
  requires org.eclipse.elk.graph;
  requires org.eclipse.emf.common;
  requires org.eclipse.emf.ecore;
  requires org.jfree.jfreechart;
  requires org.slf4j;
  requires org.snakeyaml.engine;
  requires static transitive org.jspecify;

  opens org.cotangent.apps to
      info.picocli;
  opens org.cotangent.apps.runs to
      info.picocli;
  opens org.cotangent.apps.support to
      info.picocli;
}
