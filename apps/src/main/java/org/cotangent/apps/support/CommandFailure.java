package org.cotangent.apps.support;

/// A failure of a command that its user can mend: the message says what is wrong and how. The
/// program prints it without a stack trace and ends with exit code 1.
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// A failure that has no other exception behind it.
  public CommandFailure(String message) {
    super(message);
  }

  /// A failure that another exception revealed.
  public CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
