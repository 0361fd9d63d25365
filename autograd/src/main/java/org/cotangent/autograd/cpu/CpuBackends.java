package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.BackendProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The fastest backend that this Java process allows: vector instructions if the incubating module
/// `jdk.incubator.vector` is there, else plain loops, with a warning that says the cure.
///
/// The system property `cotangent.backend` chooses another: `scalar`, plain loops on purpose, which
/// is right for small work that must begin at once, or `reference`, the slow specification.
public final class CpuBackends implements BackendProvider {
  private static final Logger LOG = LoggerFactory.getLogger(CpuBackends.class);
  private static final String MODULE = "jdk.incubator.vector";
  private static final String CHOICE = "cotangent.backend";

  /// For the service loader.
  public CpuBackends() {}

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Backend create() {
    return switch (System.getProperty(CHOICE, "")) {
      case "" -> fastest();
      case "scalar" -> new ScalarBackend();
      case "reference" -> new ReferenceBackend();
      case String other ->
          throw new IllegalArgumentException(
              "-D%s=%s: there are scalar and reference; leave it out for the fastest"
                  .formatted(CHOICE, other));
    };
  }

  private static Backend fastest() {
    if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
      return new VectorBackend();
    }
    LOG.warn(
        "The module {} is not loaded, so Cotangent computes with plain loops, several times slower"
            + " than vector instructions. Start java with: --add-modules {}",
        MODULE,
        MODULE);
    return new ScalarBackend();
  }
}
