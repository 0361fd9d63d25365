package org.cotangent.apps.support;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.Optional;
import org.cotangent.nn.data.BadDataException;

/// What to tell a person about an exception.
public final class Failures {
  private Failures() {}

  /// What to say of a failure whose cause lies outside the program, without a stack trace; empty
  /// for anything else, which is a fault of the program.
  public static Optional<String> known(Throwable failure) {
    return switch (failure) {
      case CommandFailure e -> Optional.of(describe(e));
      case BadDataException e -> Optional.of(describe(e));
      case IllegalArgumentException e -> Optional.of(describe(e));
      case UncheckedIOException e -> Optional.of(describe(requireNonNullElse(e.getCause(), e)));
      case IOException e -> Optional.of(describe(e));
      default -> Optional.empty();
    };
  }

  /// One phrase about an exception. The JDK's own messages for files are often the bare path.
  public static String describe(Throwable e) {
    if (e instanceof FileSystemException fault) {
      String file = fault.getFile() == null ? "a file" : fault.getFile();
      return file + ": " + reason(fault);
    }
    String message = e.getMessage();
    if (message == null || message.isBlank()) {
      return words(e) + " failed";
    }
    boolean sentence = !(e instanceof IOException) || e instanceof HttpTimeoutException;
    return sentence || e.getClass() == IOException.class ? message : words(e) + ": " + message;
  }

  private static String reason(FileSystemException e) {
    String reason = e.getReason();
    if (reason != null && !reason.isBlank()) {
      return reason;
    }
    return switch (e) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it already exists";
      case NotDirectoryException _ -> "it is no folder";
      default -> words(e) + " failed";
    };
  }

  /// An exception's class name as words: UnknownHostException reads "unknown host".
  private static String words(Throwable e) {
    String name = e.getClass().getSimpleName().replaceAll("(Exception|Error)$", "");
    if (name.isEmpty() || name.equals("IO")) {
      return "input or output";
    }
    return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
  }
}
