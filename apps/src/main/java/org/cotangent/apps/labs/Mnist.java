package org.cotangent.apps.labs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.cotangent.apps.support.MnistFiles;
import org.cotangent.autograd.Grad;
import org.cotangent.autograd.Tensor;
import org.cotangent.autograd.shape.DType;
import org.cotangent.nn.data.BadDataException;
import org.cotangent.nn.data.Idx;
import org.cotangent.nn.data.Standardizer;
import org.cotangent.nn.io.Tensors;

/// The handwritten digits as tensors.
///
/// @param trainX images to learn from, F32 `[60000, 784]`, pixels from 0 to 1 or standardised
/// @param trainT their digits, I32 `[60000]`
/// @param testX images to judge by, F32 `[10000, 784]`
/// @param testT their digits, I32 `[10000]`
public record Mnist(Tensor trainX, Tensor trainT, Tensor testX, Tensor testT) {
  private static final int DIGITS = 10;

  /// Reads the files; pixels are divided by 255.
  ///
  /// @throws BadDataException if a file is damaged, or images and labels do not belong together
  public static Mnist read(MnistFiles files) {
    Tensor trainX = images(files.trainImages());
    Tensor testX = images(files.testImages());
    return new Mnist(
        trainX,
        labels(files.trainLabels(), trainX.dim(0)),
        testX,
        labels(files.testLabels(), testX.dim(0)));
  }

  private static Tensor images(Path file) {
    Idx idx = idx(file);
    if (idx.rank() != 3) {
      throw new BadDataException(
          file.toString(), "shape", "images, 3 axes", Arrays.toString(idx.shape()));
    }
    return Grad.without(() -> Tensors.of(idx, DType.F32).flatten(1).div(255));
  }

  private static Tensor labels(Path file, int images) {
    Idx idx = idx(file);
    if (idx.rank() != 1 || idx.dim(0) != images) {
      throw new BadDataException(
          file.toString(),
          "shape",
          "[%d], a label for each image".formatted(images),
          Arrays.toString(idx.shape()));
    }
    Tensor t = Tensors.of(idx);
    double largest = t.max().item();
    if (largest >= DIGITS) {
      throw new BadDataException(
          file.toString(), "labels", "digits from 0 to 9", Long.toString((long) largest));
    }
    return t;
  }

  private static Idx idx(Path file) {
    try {
      return Idx.read(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Each pixel shifted and scaled by its mean and standard deviation over the training images.
  public Mnist standardized() {
    Standardizer s = Standardizer.fit(trainX);
    return new Mnist(s.apply(trainX), trainT, s.apply(testX), testT);
  }

  /// The last `n` training images in place of the test images.
  public Mnist withValidation(int n) {
    int first = trainX.dim(0) - n;
    return new Mnist(
        trainX.slice(0, 0, first),
        trainT.slice(0, 0, first),
        trainX.slice(0, first, trainX.dim(0)),
        trainT.slice(0, first, trainX.dim(0)));
  }
}
