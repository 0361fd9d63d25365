package org.cotangent.apps.support;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The four files of the MNIST data set (LeCun, Cortes, Burges), in IDX format.
///
/// @param trainImages 60,000 images of 28 x 28 pixels
/// @param trainLabels their digits
/// @param testImages 10,000 images
/// @param testLabels their digits
public record MnistFiles(Path trainImages, Path trainLabels, Path testImages, Path testLabels) {
  // The sizes and the MD5 sums f68b3c2d..., d53e105e..., 9fb629c4... and ec29112d... are published
  // with the data set; the SHA-256 sums were computed from files with those.
  static final List<Download.Wanted> FILES =
      List.of(
          new Download.Wanted(
              "train-images-idx3-ubyte.gz",
              9_912_422,
              "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
          new Download.Wanted(
              "train-labels-idx1-ubyte.gz",
              28_881,
              "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
          new Download.Wanted(
              "t10k-images-idx3-ubyte.gz",
              1_648_877,
              "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
          new Download.Wanted(
              "t10k-labels-idx1-ubyte.gz",
              4_542,
              "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"));

  /// Where the files are fetched from when nothing else is asked for: mirrors that the large
  /// frameworks use too, then the authors' own page.
  static final List<URI> MIRRORS =
      List.of(
          URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"),
          URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
          URI.create("http://yann.lecun.com/exdb/mnist/"));

  /// The files in a folder or in its subfolder `mnist`, each as published or uncompressed; empty
  /// unless all four are there.
  static Optional<MnistFiles> in(Path folder) {
    for (Path place : List.of(folder, folder.resolve("mnist"))) {
      List<Path> found =
          FILES.stream().map(f -> existing(place, f.name())).flatMap(Optional::stream).toList();
      if (found.size() == FILES.size()) {
        return Optional.of(new MnistFiles(found.get(0), found.get(1), found.get(2), found.get(3)));
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> existing(Path folder, String name) {
    Path compressed = folder.resolve(name);
    if (Files.isRegularFile(compressed)) {
      return Optional.of(compressed);
    }
    Path plain = folder.resolve(name.substring(0, name.length() - ".gz".length()));
    return Files.isRegularFile(plain) ? Optional.of(plain) : Optional.empty();
  }
}
