package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Backend;
import org.cotangent.autograd.backend.BackendProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The fastest backend that this Java process allows: vector instructions if the incubating module
/// `jdk.incubator.vector` is there, else scalar loops, with a warning that says the cure.
public final class CpuBackends implements BackendProvider {
  private static final Logger LOG = LoggerFactory.getLogger(CpuBackends.class);
  private static final String MODULE = "jdk.incubator.vector";

  /// For the service loader.
  public CpuBackends() {}

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Backend create() {
    if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
      return new VectorBackend();
    }
    LOG.warn(
        "The module {} is not loaded, so Cotangent computes with scalar loops, many times slower"
            + " than vector instructions. Start java with: --add-modules {}",
        MODULE,
        MODULE);
    return new ReferenceBackend();
  }
}
