package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;
import static org.cotangent.autograd.cpu.LanesF32.all;
import static org.cotangent.autograd.cpu.LanesF32.fma;

import jdk.incubator.vector.FloatVector;

/// Tiles of C = A B or C += A B that stay in registers, written by tools/GemmTiles.java.
///
/// Row k of B is read as vectors; element (r, k) of A is at `ao + r lda + k`. Rows from `mr` on
/// repeat the last one, and go to waste.
final class GemmRowsF32 {
  private GemmRowsF32() {}

  static void run(
      int height,
      int vectors,
      int mr,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    boolean two = vectors == 2;
    switch (height) {
      case 12 -> {
        if (two) {
          tile12x2(mr, kc, a, ao, lda, b, bo, ldb, c, co, ldc, add);
        } else {
          tile12x1(mr, kc, a, ao, lda, b, bo, ldb, c, co, ldc, add);
        }
      }
      case 8 -> {
        if (two) {
          tile8x2(mr, kc, a, ao, lda, b, bo, ldb, c, co, ldc, add);
        } else {
          tile8x1(mr, kc, a, ao, lda, b, bo, ldb, c, co, ldc, add);
        }
      }
      case 4 -> {
        if (two) {
          tile4x2(mr, kc, a, ao, lda, b, bo, ldb, c, co, ldc, add);
        } else {
          tile4x1(mr, kc, a, ao, lda, b, bo, ldb, c, co, ldc, add);
        }
      }
      default -> throw new IllegalArgumentException("no tile of height " + height);
    }
  }

  private static void tile12x2(
      int mr,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector p0 = all(0f);
    FloatVector q0 = all(0f);
    FloatVector p1 = all(0f);
    FloatVector q1 = all(0f);
    FloatVector p2 = all(0f);
    FloatVector q2 = all(0f);
    FloatVector p3 = all(0f);
    FloatVector q3 = all(0f);
    FloatVector p4 = all(0f);
    FloatVector q4 = all(0f);
    FloatVector p5 = all(0f);
    FloatVector q5 = all(0f);
    FloatVector p6 = all(0f);
    FloatVector q6 = all(0f);
    FloatVector p7 = all(0f);
    FloatVector q7 = all(0f);
    FloatVector p8 = all(0f);
    FloatVector q8 = all(0f);
    FloatVector p9 = all(0f);
    FloatVector q9 = all(0f);
    FloatVector p10 = all(0f);
    FloatVector q10 = all(0f);
    FloatVector p11 = all(0f);
    FloatVector q11 = all(0f);
    int a0 = ao + 0 * lda;
    int a1 = ao + 1 * lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    int a4 = ao + 4 * lda;
    int a5 = ao + 5 * lda;
    int a6 = ao + 6 * lda;
    int a7 = ao + 7 * lda;
    int a8 = ao + 8 * lda;
    int a9 = ao + Math.min(9, mr - 1) * lda;
    int a10 = ao + Math.min(10, mr - 1) * lda;
    int a11 = ao + Math.min(11, mr - 1) * lda;
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector x;
      x = all(a[a0 + k]);
      p0 = fma(x, b0, p0);
      q0 = fma(x, b1, q0);
      x = all(a[a1 + k]);
      p1 = fma(x, b0, p1);
      q1 = fma(x, b1, q1);
      x = all(a[a2 + k]);
      p2 = fma(x, b0, p2);
      q2 = fma(x, b1, q2);
      x = all(a[a3 + k]);
      p3 = fma(x, b0, p3);
      q3 = fma(x, b1, q3);
      x = all(a[a4 + k]);
      p4 = fma(x, b0, p4);
      q4 = fma(x, b1, q4);
      x = all(a[a5 + k]);
      p5 = fma(x, b0, p5);
      q5 = fma(x, b1, q5);
      x = all(a[a6 + k]);
      p6 = fma(x, b0, p6);
      q6 = fma(x, b1, q6);
      x = all(a[a7 + k]);
      p7 = fma(x, b0, p7);
      q7 = fma(x, b1, q7);
      x = all(a[a8 + k]);
      p8 = fma(x, b0, p8);
      q8 = fma(x, b1, q8);
      x = all(a[a9 + k]);
      p9 = fma(x, b0, p9);
      q9 = fma(x, b1, q9);
      x = all(a[a10 + k]);
      p10 = fma(x, b0, p10);
      q10 = fma(x, b1, q10);
      x = all(a[a11 + k]);
      p11 = fma(x, b0, p11);
      q11 = fma(x, b1, q11);
    }
    put(p0, c, co + 0 * ldc, add);
    put(q0, c, co + 0 * ldc + L, add);
    put(p1, c, co + 1 * ldc, add);
    put(q1, c, co + 1 * ldc + L, add);
    put(p2, c, co + 2 * ldc, add);
    put(q2, c, co + 2 * ldc + L, add);
    put(p3, c, co + 3 * ldc, add);
    put(q3, c, co + 3 * ldc + L, add);
    put(p4, c, co + 4 * ldc, add);
    put(q4, c, co + 4 * ldc + L, add);
    put(p5, c, co + 5 * ldc, add);
    put(q5, c, co + 5 * ldc + L, add);
    put(p6, c, co + 6 * ldc, add);
    put(q6, c, co + 6 * ldc + L, add);
    put(p7, c, co + 7 * ldc, add);
    put(q7, c, co + 7 * ldc + L, add);
    put(p8, c, co + 8 * ldc, add);
    put(q8, c, co + 8 * ldc + L, add);
    put(p9, c, co + 9 * ldc, add);
    put(q9, c, co + 9 * ldc + L, add);
    put(p10, c, co + 10 * ldc, add);
    put(q10, c, co + 10 * ldc + L, add);
    put(p11, c, co + 11 * ldc, add);
    put(q11, c, co + 11 * ldc + L, add);
  }

  private static void tile12x1(
      int mr,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector p0 = all(0f);
    FloatVector p1 = all(0f);
    FloatVector p2 = all(0f);
    FloatVector p3 = all(0f);
    FloatVector p4 = all(0f);
    FloatVector p5 = all(0f);
    FloatVector p6 = all(0f);
    FloatVector p7 = all(0f);
    FloatVector p8 = all(0f);
    FloatVector p9 = all(0f);
    FloatVector p10 = all(0f);
    FloatVector p11 = all(0f);
    int a0 = ao + 0 * lda;
    int a1 = ao + 1 * lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    int a4 = ao + 4 * lda;
    int a5 = ao + 5 * lda;
    int a6 = ao + 6 * lda;
    int a7 = ao + 7 * lda;
    int a8 = ao + 8 * lda;
    int a9 = ao + Math.min(9, mr - 1) * lda;
    int a10 = ao + Math.min(10, mr - 1) * lda;
    int a11 = ao + Math.min(11, mr - 1) * lda;
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector x;
      x = all(a[a0 + k]);
      p0 = fma(x, b0, p0);
      x = all(a[a1 + k]);
      p1 = fma(x, b0, p1);
      x = all(a[a2 + k]);
      p2 = fma(x, b0, p2);
      x = all(a[a3 + k]);
      p3 = fma(x, b0, p3);
      x = all(a[a4 + k]);
      p4 = fma(x, b0, p4);
      x = all(a[a5 + k]);
      p5 = fma(x, b0, p5);
      x = all(a[a6 + k]);
      p6 = fma(x, b0, p6);
      x = all(a[a7 + k]);
      p7 = fma(x, b0, p7);
      x = all(a[a8 + k]);
      p8 = fma(x, b0, p8);
      x = all(a[a9 + k]);
      p9 = fma(x, b0, p9);
      x = all(a[a10 + k]);
      p10 = fma(x, b0, p10);
      x = all(a[a11 + k]);
      p11 = fma(x, b0, p11);
    }
    put(p0, c, co + 0 * ldc, add);
    put(p1, c, co + 1 * ldc, add);
    put(p2, c, co + 2 * ldc, add);
    put(p3, c, co + 3 * ldc, add);
    put(p4, c, co + 4 * ldc, add);
    put(p5, c, co + 5 * ldc, add);
    put(p6, c, co + 6 * ldc, add);
    put(p7, c, co + 7 * ldc, add);
    put(p8, c, co + 8 * ldc, add);
    put(p9, c, co + 9 * ldc, add);
    put(p10, c, co + 10 * ldc, add);
    put(p11, c, co + 11 * ldc, add);
  }

  private static void tile8x2(
      int mr,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector p0 = all(0f);
    FloatVector q0 = all(0f);
    FloatVector p1 = all(0f);
    FloatVector q1 = all(0f);
    FloatVector p2 = all(0f);
    FloatVector q2 = all(0f);
    FloatVector p3 = all(0f);
    FloatVector q3 = all(0f);
    FloatVector p4 = all(0f);
    FloatVector q4 = all(0f);
    FloatVector p5 = all(0f);
    FloatVector q5 = all(0f);
    FloatVector p6 = all(0f);
    FloatVector q6 = all(0f);
    FloatVector p7 = all(0f);
    FloatVector q7 = all(0f);
    int a0 = ao + 0 * lda;
    int a1 = ao + 1 * lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    int a4 = ao + 4 * lda;
    int a5 = ao + Math.min(5, mr - 1) * lda;
    int a6 = ao + Math.min(6, mr - 1) * lda;
    int a7 = ao + Math.min(7, mr - 1) * lda;
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector x;
      x = all(a[a0 + k]);
      p0 = fma(x, b0, p0);
      q0 = fma(x, b1, q0);
      x = all(a[a1 + k]);
      p1 = fma(x, b0, p1);
      q1 = fma(x, b1, q1);
      x = all(a[a2 + k]);
      p2 = fma(x, b0, p2);
      q2 = fma(x, b1, q2);
      x = all(a[a3 + k]);
      p3 = fma(x, b0, p3);
      q3 = fma(x, b1, q3);
      x = all(a[a4 + k]);
      p4 = fma(x, b0, p4);
      q4 = fma(x, b1, q4);
      x = all(a[a5 + k]);
      p5 = fma(x, b0, p5);
      q5 = fma(x, b1, q5);
      x = all(a[a6 + k]);
      p6 = fma(x, b0, p6);
      q6 = fma(x, b1, q6);
      x = all(a[a7 + k]);
      p7 = fma(x, b0, p7);
      q7 = fma(x, b1, q7);
    }
    put(p0, c, co + 0 * ldc, add);
    put(q0, c, co + 0 * ldc + L, add);
    put(p1, c, co + 1 * ldc, add);
    put(q1, c, co + 1 * ldc + L, add);
    put(p2, c, co + 2 * ldc, add);
    put(q2, c, co + 2 * ldc + L, add);
    put(p3, c, co + 3 * ldc, add);
    put(q3, c, co + 3 * ldc + L, add);
    put(p4, c, co + 4 * ldc, add);
    put(q4, c, co + 4 * ldc + L, add);
    put(p5, c, co + 5 * ldc, add);
    put(q5, c, co + 5 * ldc + L, add);
    put(p6, c, co + 6 * ldc, add);
    put(q6, c, co + 6 * ldc + L, add);
    put(p7, c, co + 7 * ldc, add);
    put(q7, c, co + 7 * ldc + L, add);
  }

  private static void tile8x1(
      int mr,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector p0 = all(0f);
    FloatVector p1 = all(0f);
    FloatVector p2 = all(0f);
    FloatVector p3 = all(0f);
    FloatVector p4 = all(0f);
    FloatVector p5 = all(0f);
    FloatVector p6 = all(0f);
    FloatVector p7 = all(0f);
    int a0 = ao + 0 * lda;
    int a1 = ao + 1 * lda;
    int a2 = ao + 2 * lda;
    int a3 = ao + 3 * lda;
    int a4 = ao + 4 * lda;
    int a5 = ao + Math.min(5, mr - 1) * lda;
    int a6 = ao + Math.min(6, mr - 1) * lda;
    int a7 = ao + Math.min(7, mr - 1) * lda;
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector x;
      x = all(a[a0 + k]);
      p0 = fma(x, b0, p0);
      x = all(a[a1 + k]);
      p1 = fma(x, b0, p1);
      x = all(a[a2 + k]);
      p2 = fma(x, b0, p2);
      x = all(a[a3 + k]);
      p3 = fma(x, b0, p3);
      x = all(a[a4 + k]);
      p4 = fma(x, b0, p4);
      x = all(a[a5 + k]);
      p5 = fma(x, b0, p5);
      x = all(a[a6 + k]);
      p6 = fma(x, b0, p6);
      x = all(a[a7 + k]);
      p7 = fma(x, b0, p7);
    }
    put(p0, c, co + 0 * ldc, add);
    put(p1, c, co + 1 * ldc, add);
    put(p2, c, co + 2 * ldc, add);
    put(p3, c, co + 3 * ldc, add);
    put(p4, c, co + 4 * ldc, add);
    put(p5, c, co + 5 * ldc, add);
    put(p6, c, co + 6 * ldc, add);
    put(p7, c, co + 7 * ldc, add);
  }

  private static void tile4x2(
      int mr,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector p0 = all(0f);
    FloatVector q0 = all(0f);
    FloatVector p1 = all(0f);
    FloatVector q1 = all(0f);
    FloatVector p2 = all(0f);
    FloatVector q2 = all(0f);
    FloatVector p3 = all(0f);
    FloatVector q3 = all(0f);
    int a0 = ao + Math.min(0, mr - 1) * lda;
    int a1 = ao + Math.min(1, mr - 1) * lda;
    int a2 = ao + Math.min(2, mr - 1) * lda;
    int a3 = ao + Math.min(3, mr - 1) * lda;
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector x;
      x = all(a[a0 + k]);
      p0 = fma(x, b0, p0);
      q0 = fma(x, b1, q0);
      x = all(a[a1 + k]);
      p1 = fma(x, b0, p1);
      q1 = fma(x, b1, q1);
      x = all(a[a2 + k]);
      p2 = fma(x, b0, p2);
      q2 = fma(x, b1, q2);
      x = all(a[a3 + k]);
      p3 = fma(x, b0, p3);
      q3 = fma(x, b1, q3);
    }
    put(p0, c, co + 0 * ldc, add);
    put(q0, c, co + 0 * ldc + L, add);
    put(p1, c, co + 1 * ldc, add);
    put(q1, c, co + 1 * ldc + L, add);
    put(p2, c, co + 2 * ldc, add);
    put(q2, c, co + 2 * ldc + L, add);
    put(p3, c, co + 3 * ldc, add);
    put(q3, c, co + 3 * ldc + L, add);
  }

  private static void tile4x1(
      int mr,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc,
      boolean add) {
    FloatVector p0 = all(0f);
    FloatVector p1 = all(0f);
    FloatVector p2 = all(0f);
    FloatVector p3 = all(0f);
    int a0 = ao + Math.min(0, mr - 1) * lda;
    int a1 = ao + Math.min(1, mr - 1) * lda;
    int a2 = ao + Math.min(2, mr - 1) * lda;
    int a3 = ao + Math.min(3, mr - 1) * lda;
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector x;
      x = all(a[a0 + k]);
      p0 = fma(x, b0, p0);
      x = all(a[a1 + k]);
      p1 = fma(x, b0, p1);
      x = all(a[a2 + k]);
      p2 = fma(x, b0, p2);
      x = all(a[a3 + k]);
      p3 = fma(x, b0, p3);
    }
    put(p0, c, co + 0 * ldc, add);
    put(p1, c, co + 1 * ldc, add);
    put(p2, c, co + 2 * ldc, add);
    put(p3, c, co + 3 * ldc, add);
  }

  private static void put(FloatVector v, float[] c, int at, boolean add) {
    (add ? FloatVector.fromArray(S, c, at).add(v) : v).intoArray(c, at);
  }
}
