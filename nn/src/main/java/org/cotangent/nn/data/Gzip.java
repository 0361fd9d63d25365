package org.cotangent.nn.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Reading of streams that are compressed with gzip.
final class Gzip {
  /// Deflate spends at least two bits, one for a length and one for a distance, on a run of at most
  /// 258 bytes (RFC 1951): no stream expands more than 258 * 8 / 2 times.
  static final int MAX_RATIO = 1032;

  private static final int BUFFER = 1 << 16;

  private Gzip() {}

  /// What is made of a stream.
  @FunctionalInterface
  interface Reading<T> {
    T of(InputStream in) throws IOException;
  }

  /// Reads from a compressed stream, and says what is wrong with it as bad data.
  ///
  /// @param name what messages call the stream
  @SuppressWarnings("resource") // the caller owns the stream; the wrapper holds nothing else
  static <T> T read(InputStream in, String name, Reading<T> reading) throws IOException {
    try {
      return reading.of(new GZIPInputStream(in, BUFFER));
    } catch (EOFException e) {
      throw new BadDataException(
          name, "the compressed stream", "a whole gzip stream", "one cut short", e);
    } catch (ZipException e) {
      throw new BadDataException(
          name, "the compressed stream", "a valid gzip stream", "'" + e.getMessage() + "'", e);
    }
  }
}
