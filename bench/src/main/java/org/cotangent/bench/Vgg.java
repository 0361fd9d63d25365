package org.cotangent.bench;

import java.util.ArrayList;
import java.util.List;
import org.cotangent.autograd.Rng;
import org.cotangent.nn.AdaptiveAvgPool2d;
import org.cotangent.nn.BatchNorm;
import org.cotangent.nn.Conv2d;
import org.cotangent.nn.ConvOptions;
import org.cotangent.nn.Flatten;
import org.cotangent.nn.Linear;
import org.cotangent.nn.MaxPool2d;
import org.cotangent.nn.MaxPoolOptions;
import org.cotangent.nn.Module;
import org.cotangent.nn.ReLU;
import org.cotangent.nn.Sequential;

/// The convolutional network of W6, after VGG (Simonyan, Zisserman 2015): eight 3x3 convolutions,
/// each with batch normalisation and ReLU, five poolings, a linear layer.
final class Vgg {
  private static final int POOL = 0;
  private static final int[] PLAN = {
    64, POOL, 128, POOL, 256, 256, POOL, 512, 512, POOL, 512, 512, POOL
  };

  private Vgg() {}

  static Module network(Rng rng) {
    List<Module> layers = new ArrayList<>();
    int channels = 3;
    for (int width : PLAN) {
      if (width == POOL) {
        layers.add(new MaxPool2d(MaxPoolOptions.of(3).stride(2).padding(1)));
      } else {
        layers.add(new Conv2d(channels, width, 3, ConvOptions.defaults().padding(1), rng));
        layers.add(new BatchNorm(width));
        layers.add(new ReLU());
        channels = width;
      }
    }
    layers.add(new AdaptiveAvgPool2d(1));
    layers.add(new Flatten());
    layers.add(new Linear(channels, 10, rng));
    return new Sequential(layers.toArray(Module[]::new));
  }
}
