package org.cotangent.nn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.autograd.shape.Shape;
import org.junit.jupiter.api.Test;

/// Images from arrays; what is read from files is in [Cifar10Test].
class ByteImagesTest {
  private static byte[] counting(int n) {
    byte[] b = new byte[n];
    for (int i = 0; i < n; i++) {
      b[i] = (byte) (i + 200); // beyond 127 and back to 0
    }
    return b;
  }

  @Test
  void bothOrdersOfChannelsGiveTheSameImages() {
    byte[] last = counting(2 * 3 * 4 * 3);
    Tensor expected = Tensor.arange(2 * 3 * 4 * 3).add(200).reshape(2, 3, 4, 3).permute(0, 3, 1, 2);
    expected = Tensor.where(expected.ge(256), expected.sub(256), expected);
    ByteImages a = ByteImages.channelsLast(Shape.of(3, 4, 3), last, 1000, 0);
    assertThat(a.shape()).isEqualTo(Shape.of(3, 3, 4));
    assertThat(a.size()).isEqualTo(2);
    Batch all = a.batch(0, 1);
    assertThat(all.x().dtype()).isEqualTo(DType.F32);
    assertThat(all.x().toDoubleArray()).isEqualTo(expected.to(DType.F64).toDoubleArray());
    assertThat(all.y().toIntArray()).containsExactly(1000, 0);

    byte[] first = new byte[last.length];
    int[] numbers = all.x().to(DType.I32).toIntArray();
    for (int i = 0; i < first.length; i++) {
      first[i] = (byte) numbers[i];
    }
    ByteImages b = ByteImages.channelsFirst(Shape.of(3, 3, 4), first, 1000, 0);
    assertThat(b.batch(1, 0).x().toDoubleArray()).isEqualTo(a.batch(1, 0).x().toDoubleArray());
    assertThat(b.channelMeans()).isEqualTo(a.channelMeans());
    assertThat(b.mean().toDoubleArray()).isEqualTo(a.mean().toDoubleArray());
  }

  @Test
  void laterChangesOfTheArraysAreNotSeen() {
    byte[] pixels = counting(4);
    int[] labels = {3};
    ByteImages a = ByteImages.channelsFirst(Shape.of(1, 2, 2), pixels, labels);
    pixels[0] = 0;
    labels[0] = 0;
    assertThat(a.batch(0).x().get(0, 0, 0, 0)).isEqualTo(200);
    assertThat(a.batch(0).y().toIntArray()).containsExactly(3);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThat(ByteImages.channelsFirst(Shape.of(1, 2, 2), new byte[0]).size()).isZero();
    assertThatThrownBy(() -> ByteImages.channelsLast(Shape.of(2, 2, 3), counting(13), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "ByteImages: 13 bytes for 1 labels; images [2, 2, 3] have 12 bytes each, so it must be 12");
    assertThatThrownBy(() -> ByteImages.channelsFirst(Shape.of(2, 2), counting(4), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("[2, 2]", "[channels, height, width]");
    assertThatThrownBy(() -> ByteImages.channelsLast(Shape.of(0, 2, 2), new byte[0], 1))
        .hasMessageContaining("[height, width, channels]");
    assertThatThrownBy(() -> ByteImages.channelsFirst(Shape.of(1, 1, 1), counting(2), 0, -1))
        .hasMessageContaining("label 1 is -1");
  }
}
