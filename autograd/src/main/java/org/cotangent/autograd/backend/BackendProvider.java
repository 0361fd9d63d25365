package org.cotangent.autograd.backend;

/// Finds out whether a backend can run here, and makes it. Registered as a service.
public interface BackendProvider {
  /// Which provider wins: the highest number.
  int priority();

  /// The backend. Called once.
  Backend create();
}
