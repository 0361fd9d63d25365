/// The engine: tensors, operations, derivatives, CPU kernels.
module org.cotangent.autograd {
  requires org.slf4j;
  requires static jdk.incubator.vector; // without it at run time: scalar loops
  requires static transitive org.jspecify;

  exports org.cotangent.autograd;
  exports org.cotangent.autograd.backend;
  exports org.cotangent.autograd.op;
  exports org.cotangent.autograd.shape;

  uses org.cotangent.autograd.backend.BackendProvider;

  provides org.cotangent.autograd.backend.BackendProvider with
      org.cotangent.autograd.cpu.CpuBackends;
}
