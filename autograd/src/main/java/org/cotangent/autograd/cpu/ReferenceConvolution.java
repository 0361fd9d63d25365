package org.cotangent.autograd.cpu;

import org.cotangent.autograd.backend.Buffer;
import org.cotangent.autograd.op.Op;
import org.cotangent.autograd.shape.Shape;

/// The specification of [Op.Conv]: one loop over all that meets, for all three results.
final class ReferenceConvolution {
  private ReferenceConvolution() {}

  static void run(Op.Conv c, Buffer a, Buffer b, Buffer out) {
    Buffer x = c.kind() == Op.Conv.Kind.INPUT ? out : a;
    Buffer w =
        switch (c.kind()) {
          case OUTPUT, INPUT -> b;
          case KERNEL -> out;
        };
    Buffer y =
        switch (c.kind()) {
          case OUTPUT -> out;
          case INPUT -> a;
          case KERNEL -> b;
        };
    double[] sum = new double[out.shape().size()];
    Shape kernels = w.shape();
    int perGroup = kernels.dim(0) / c.groups();
    for (int image = 0; image < x.shape().dim(0); image++) {
      for (int o = 0; o < kernels.dim(0); o++) {
        for (int i = 0; i < kernels.dim(1); i++) {
          int channel = o / perGroup * kernels.dim(1) + i;
          for (int r = 0; r < c.rows().output(); r++) {
            for (int s = 0; s < c.columns().output(); s++) {
              for (int p = 0; p < c.rows().kernel(); p++) {
                for (int q = 0; q < c.columns().kernel(); q++) {
                  int h = c.rows().at(r, p);
                  int v = c.columns().at(s, q);
                  if (h < 0 || h >= c.rows().input() || v < 0 || v >= c.columns().input()) {
                    continue;
                  }
                  int atX = number(x.shape(), image, channel, h, v);
                  int atW = number(kernels, o, i, p, q);
                  int atY = number(y.shape(), image, o, r, s);
                  switch (c.kind()) {
                    case OUTPUT -> sum[atY] += get(x, atX) * get(w, atW);
                    case INPUT -> sum[atX] += get(y, atY) * get(w, atW);
                    case KERNEL -> sum[atW] += get(x, atX) * get(y, atY);
                  }
                }
              }
            }
          }
        }
      }
    }
    for (int i = 0; i < sum.length; i++) {
      ReferenceBackend.put(out, out.layout().at(i), sum[i]);
    }
  }

  private static int number(Shape s, int i, int j, int k, int l) {
    return ((i * s.dim(1) + j) * s.dim(2) + k) * s.dim(3) + l;
  }

  private static double get(Buffer x, int i) {
    return x.getDouble(x.layout().at(i));
  }
}
