/// Layers, losses, optimisers, data and files.
module org.cotangent.nn {
  requires transitive org.cotangent.autograd;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports org.cotangent.nn;
  exports org.cotangent.nn.data;
  exports org.cotangent.nn.io;
  exports org.cotangent.nn.train;
  exports org.cotangent.nn.model;
}
