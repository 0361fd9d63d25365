package org.cotangent.nn.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.Size;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.data.Cifar10;
import org.cotangent.nn.data.Csv;
import org.cotangent.nn.data.CsvOptions;
import org.cotangent.nn.data.Idx;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Damaged files of every format: what comes is a value or a [BadDataException], soon, and in
/// little memory.
class FuzzTest {
  /// What reading a file of some kilobytes may allocate: buffers, and no more than that.
  private static final long MEMORY = 16 << 20;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// A format, with a small valid file and a reader that looks at everything.
  enum Format {
    IDX {
      @Override
      byte[] valid() {
        return new byte[] {
          0, 0, 0x0B, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6
        };
      }

      @Override
      void read(byte[] bytes) throws IOException {
        Idx idx = Idx.read(new ByteArrayInputStream(bytes), "fuzz");
        assertThat(idx.toDoubleArray()).hasSize(idx.size());
      }
    },
    IDX_GZ {
      @Override
      byte[] valid() throws IOException {
        return gzip(IDX.valid());
      }

      @Override
      void read(byte[] bytes) throws IOException {
        IDX.read(bytes);
      }
    },
    CIFAR10 {
      @Override
      byte[] valid() throws IOException {
        try (InputStream in = FuzzTest.class.getResourceAsStream("../data/cifar-pax.tar.gz")) {
          return Objects.requireNonNull(in).readAllBytes();
        }
      }

      @Override
      void read(byte[] bytes) throws IOException {
        Cifar10 cifar = Cifar10.read(new ByteArrayInputStream(bytes), "fuzz");
        assertThat(cifar.train().batch(0).size()).isEqualTo(1);
        assertThat(cifar.test().channelStds()).hasSize(3);
        assertThat(cifar.classes()).hasSize(10);
      }
    },
    /// The archive damaged inside the compression.
    TAR {
      @Override
      byte[] valid() throws IOException {
        var in = new ByteArrayInputStream(CIFAR10.valid());
        return new GZIPInputStream(in).readAllBytes();
      }

      @Override
      void read(byte[] bytes) throws IOException {
        CIFAR10.read(gzip(bytes));
      }
    },
    CSV {
      @Override
      byte[] valid() {
        return "a,\"b,\"\"\",c\r\n1,2.5e-3,\"x\ny\"\n-4,nan,\u00e9\n"
            .getBytes(StandardCharsets.UTF_8);
      }

      @Override
      void read(byte[] bytes) throws IOException {
        Csv csv = Csv.read(new ByteArrayInputStream(bytes), "fuzz", CsvOptions.defaults());
        for (String column : csv.columns()) {
          assertThat(csv.texts(column)).hasSize(csv.rows());
          assertThat(csv.classes(column)).doesNotHaveDuplicates();
          assertThat(csv.numbers(DType.F64, column).size()).isEqualTo(csv.rows());
        }
      }
    },
    NPY {
      @Override
      byte[] valid() throws IOException {
        var out = new ByteArrayOutputStream();
        Npy.write(out, Tensor.of(new double[][] {{1, 2, 3}, {4, 5, 6}}));
        return out.toByteArray();
      }

      @Override
      void read(byte[] bytes) throws IOException {
        Tensor t = Npy.read(new ByteArrayInputStream(bytes), "fuzz");
        assertThat(t.toDoubleArray()).hasSize(t.size());
      }
    },
    NPZ {
      @Override
      byte[] valid() throws IOException {
        return archive(false);
      }

      @Override
      void read(byte[] bytes) throws IOException {
        onFile(
            bytes,
            file ->
                Npz.read(file).forEach((_, t) -> assertThat(t.toDoubleArray()).hasSize(t.size())));
      }
    },
    NPZ_DEFLATED {
      @Override
      byte[] valid() throws IOException {
        return archive(true);
      }

      @Override
      void read(byte[] bytes) throws IOException {
        NPZ.read(bytes);
      }
    },
    SAFETENSORS {
      @Override
      byte[] valid() throws IOException {
        Path file = Files.createTempFile("fuzz", "");
        try {
          Tensors.write(file, arrays(), Map.of("made by", "hand"));
          return Files.readAllBytes(file);
        } finally {
          Files.delete(file);
        }
      }

      @Override
      void read(byte[] bytes) throws IOException {
        Tensors.read(new ByteArrayInputStream(bytes), "fuzz")
            .forEach((_, t) -> assertThat(t.toDoubleArray()).hasSize(t.size()));
      }
    };

    abstract byte[] valid() throws IOException;

    abstract void read(byte[] bytes) throws IOException;
  }

  private static final Map<Format, byte[]> VALID = new EnumMap<>(Format.class);

  private static byte[] valid(Format format) {
    return VALID.computeIfAbsent(
        format,
        f -> {
          try {
            return f.valid();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /// Reads a file.
  private interface OnFile {
    void read(Path file) throws IOException;
  }

  private static void onFile(byte[] bytes, OnFile reading) throws IOException {
    Path file = Files.createTempFile("fuzz", "");
    try {
      reading.read(Files.write(file, bytes));
    } finally {
      Files.delete(file);
    }
  }

  private static Map<String, Tensor> arrays() {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put("x", Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}}));
    arrays.put("mask", Tensor.of(true, false));
    arrays.put("none", Tensor.zeros(0, 3));
    return arrays;
  }

  private static byte[] archive(boolean compressed) throws IOException {
    Path file = Files.createTempFile("fuzz", "");
    try {
      if (compressed) {
        Npz.writeCompressed(file, arrays());
      } else {
        Npz.write(file, arrays());
      }
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  /// A damage: places and lengths are taken modulo what the file has.
  record Damage(Kind kind, int at, int length, int value) {
    enum Kind {
      CUT,
      BYTE,
      BIT,
      NUMBER,
      DIGITS,
      DELETE,
      INSERT,
      SPLICE
    }

    /// Numbers at which sizes overflow.
    private static final int[] LARGE = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 30, 0};

    byte[] to(byte[] bytes) {
      if (bytes.length == 0) {
        return bytes;
      }
      int from = at % bytes.length;
      int n = Math.min(1 + length % 64, bytes.length - from);
      byte[] b = bytes.clone();
      switch (kind) {
        case CUT -> {
          return Arrays.copyOf(b, from);
        }
        case BYTE -> b[from] = (byte) value;
        case BIT -> b[from] ^= (byte) (1 << (value & 7));
        case NUMBER -> {
          int number = LARGE[(value & Integer.MAX_VALUE) % LARGE.length];
          byte[] four = ByteBuffer.allocate(4).putInt(number).array();
          System.arraycopy(four, 0, b, from, Math.min(4, b.length - from));
        }
        case DIGITS -> { // a number written in digits becomes a large one
          int[] places = IntStream.range(0, b.length).filter(i -> isDigit(b[i])).toArray();
          byte[] nines = "9".repeat(1 + length % 9).getBytes(StandardCharsets.US_ASCII);
          int place = places.length == 0 ? from : places[at % places.length];
          return spliced(b, place, place, nines);
        }
        case DELETE -> {
          return spliced(b, from, from + n, new byte[0]);
        }
        case INSERT -> {
          byte[] more = new byte[n];
          Arrays.fill(more, (byte) value);
          return spliced(b, from, from, more);
        }
        case SPLICE -> {
          int other = (value & Integer.MAX_VALUE) % b.length;
          byte[] part = Arrays.copyOfRange(b, other, Math.min(other + n, b.length));
          return spliced(b, from, length % 2 == 0 ? from : from + n, part);
        }
      }
      return b;
    }

    private static boolean isDigit(byte b) {
      return '0' <= b && b <= '9';
    }

    private static byte[] spliced(byte[] b, int from, int to, byte[] part) {
      var out = new ByteArrayOutputStream();
      out.write(b, 0, from);
      out.writeBytes(part);
      out.write(b, to, b.length - to);
      return out.toByteArray();
    }
  }

  @Provide
  Arbitrary<Damage> damages() {
    Arbitrary<Integer> any =
        Arbitraries.integers()
            .between(0, 1 << 20)
            .withDistribution(RandomDistribution.uniform())
            .withoutEdgeCases();
    // Where headers are: near the beginning as often as anywhere.
    Arbitrary<Integer> at = Arbitraries.oneOf(any, Arbitraries.integers().between(0, 200));
    return Combinators.combine(Arbitraries.of(Damage.Kind.class), at, any, any).as(Damage::new);
  }

  @ParameterizedTest
  @EnumSource
  void theUndamagedFileIsRead(Format format) throws IOException {
    try {
      format.read(format.valid());
    } catch (BadDataException e) {
      assertThat(format).isEqualTo(Format.CSV); // one of its columns holds no numbers
      assertThat(e).hasMessage("fuzz: line 2, column 3 ('c'): expected a number, found 'x\ny'");
    }
  }

  /// Some hundred tries for each format.
  @Property(tries = 4000)
  void aDamagedFileIsReadOrRefused(
      @ForAll Format format,
      @ForAll @Size(min = 1, max = 4) List<@From("damages") Damage> damages) {
    readOrRefuse(format, damages);
  }

  @Property(tries = 100_000)
  @Tag("slow")
  void aDamagedFileIsReadOrRefusedInManyTries(
      @ForAll Format format,
      @ForAll @Size(min = 1, max = 6) List<@From("damages") Damage> damages) {
    readOrRefuse(format, damages);
  }

  private static void readOrRefuse(Format format, List<Damage> damages) {
    byte[] bytes = valid(format);
    for (Damage d : damages) {
      bytes = d.to(bytes);
    }
    byte[] damaged = bytes;
    long allocated =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> allocatedByReading(format, damaged));
    assertThat(allocated).as("bytes allocated").isLessThan(MEMORY);
  }

  private static long allocatedByReading(Format format, byte[] bytes) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      format.read(bytes);
    } catch (BadDataException e) {
      assertThat(e).hasMessageContainingAll(e.file(), e.where(), e.expected(), e.found());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
