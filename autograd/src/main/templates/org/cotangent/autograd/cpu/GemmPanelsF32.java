package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;

/// Tiles of C = D + A B that stay in registers, written by tools/GemmTiles.java.
///
/// D is C itself, or one row of -0.0 with a step of 0: what the sums are added to is no branch,
/// which would be compiled for the first block's way alone, and again later.
///
/// Row k of B is read as vectors; element (r, k) of A is at `ao + k lda + r`: a packed panel, or A
/// transposed as it is.
final class GemmPanelsF32 {
  private GemmPanelsF32() {}

  static void run(
      int height,
      int vectors,
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    boolean two = vectors == 2;
    switch (height) {
      case 12 -> {
        if (two) {
          tile12x2(kc, a, ao, lda, b, bo, ldb, d, dO, ldd, c, co, ldc);
        } else {
          tile12x1(kc, a, ao, lda, b, bo, ldb, d, dO, ldd, c, co, ldc);
        }
      }
      case 8 -> {
        if (two) {
          tile8x2(kc, a, ao, lda, b, bo, ldb, d, dO, ldd, c, co, ldc);
        } else {
          tile8x1(kc, a, ao, lda, b, bo, ldb, d, dO, ldd, c, co, ldc);
        }
      }
      case 4 -> {
        if (two) {
          tile4x2(kc, a, ao, lda, b, bo, ldb, d, dO, ldd, c, co, ldc);
        } else {
          tile4x1(kc, a, ao, lda, b, bo, ldb, d, dO, ldd, c, co, ldc);
        }
      }
      default -> throw new IllegalArgumentException("no tile of height " + height);
    }
  }

  private static void tile12x2(
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    FloatVector p0 = FloatVector.zero(S);
    FloatVector q0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector q1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector q2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    FloatVector q3 = FloatVector.zero(S);
    FloatVector p4 = FloatVector.zero(S);
    FloatVector q4 = FloatVector.zero(S);
    FloatVector p5 = FloatVector.zero(S);
    FloatVector q5 = FloatVector.zero(S);
    FloatVector p6 = FloatVector.zero(S);
    FloatVector q6 = FloatVector.zero(S);
    FloatVector p7 = FloatVector.zero(S);
    FloatVector q7 = FloatVector.zero(S);
    FloatVector p8 = FloatVector.zero(S);
    FloatVector q8 = FloatVector.zero(S);
    FloatVector p9 = FloatVector.zero(S);
    FloatVector q9 = FloatVector.zero(S);
    FloatVector p10 = FloatVector.zero(S);
    FloatVector q10 = FloatVector.zero(S);
    FloatVector p11 = FloatVector.zero(S);
    FloatVector q11 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector x;
      x = FloatVector.broadcast(S, a[ao + k * lda + 0]);
      p0 = x.fma(b0, p0);
      q0 = x.fma(b1, q0);
      x = FloatVector.broadcast(S, a[ao + k * lda + 1]);
      p1 = x.fma(b0, p1);
      q1 = x.fma(b1, q1);
      x = FloatVector.broadcast(S, a[ao + k * lda + 2]);
      p2 = x.fma(b0, p2);
      q2 = x.fma(b1, q2);
      x = FloatVector.broadcast(S, a[ao + k * lda + 3]);
      p3 = x.fma(b0, p3);
      q3 = x.fma(b1, q3);
      x = FloatVector.broadcast(S, a[ao + k * lda + 4]);
      p4 = x.fma(b0, p4);
      q4 = x.fma(b1, q4);
      x = FloatVector.broadcast(S, a[ao + k * lda + 5]);
      p5 = x.fma(b0, p5);
      q5 = x.fma(b1, q5);
      x = FloatVector.broadcast(S, a[ao + k * lda + 6]);
      p6 = x.fma(b0, p6);
      q6 = x.fma(b1, q6);
      x = FloatVector.broadcast(S, a[ao + k * lda + 7]);
      p7 = x.fma(b0, p7);
      q7 = x.fma(b1, q7);
      x = FloatVector.broadcast(S, a[ao + k * lda + 8]);
      p8 = x.fma(b0, p8);
      q8 = x.fma(b1, q8);
      x = FloatVector.broadcast(S, a[ao + k * lda + 9]);
      p9 = x.fma(b0, p9);
      q9 = x.fma(b1, q9);
      x = FloatVector.broadcast(S, a[ao + k * lda + 10]);
      p10 = x.fma(b0, p10);
      q10 = x.fma(b1, q10);
      x = FloatVector.broadcast(S, a[ao + k * lda + 11]);
      p11 = x.fma(b0, p11);
      q11 = x.fma(b1, q11);
    }
    p0 = FloatVector.fromArray(S, d, dO + 0 * ldd).add(p0);
    q0 = FloatVector.fromArray(S, d, dO + 0 * ldd + L).add(q0);
    p1 = FloatVector.fromArray(S, d, dO + 1 * ldd).add(p1);
    q1 = FloatVector.fromArray(S, d, dO + 1 * ldd + L).add(q1);
    p2 = FloatVector.fromArray(S, d, dO + 2 * ldd).add(p2);
    q2 = FloatVector.fromArray(S, d, dO + 2 * ldd + L).add(q2);
    p3 = FloatVector.fromArray(S, d, dO + 3 * ldd).add(p3);
    q3 = FloatVector.fromArray(S, d, dO + 3 * ldd + L).add(q3);
    p4 = FloatVector.fromArray(S, d, dO + 4 * ldd).add(p4);
    q4 = FloatVector.fromArray(S, d, dO + 4 * ldd + L).add(q4);
    p5 = FloatVector.fromArray(S, d, dO + 5 * ldd).add(p5);
    q5 = FloatVector.fromArray(S, d, dO + 5 * ldd + L).add(q5);
    p6 = FloatVector.fromArray(S, d, dO + 6 * ldd).add(p6);
    q6 = FloatVector.fromArray(S, d, dO + 6 * ldd + L).add(q6);
    p7 = FloatVector.fromArray(S, d, dO + 7 * ldd).add(p7);
    q7 = FloatVector.fromArray(S, d, dO + 7 * ldd + L).add(q7);
    p8 = FloatVector.fromArray(S, d, dO + 8 * ldd).add(p8);
    q8 = FloatVector.fromArray(S, d, dO + 8 * ldd + L).add(q8);
    p9 = FloatVector.fromArray(S, d, dO + 9 * ldd).add(p9);
    q9 = FloatVector.fromArray(S, d, dO + 9 * ldd + L).add(q9);
    p10 = FloatVector.fromArray(S, d, dO + 10 * ldd).add(p10);
    q10 = FloatVector.fromArray(S, d, dO + 10 * ldd + L).add(q10);
    p11 = FloatVector.fromArray(S, d, dO + 11 * ldd).add(p11);
    q11 = FloatVector.fromArray(S, d, dO + 11 * ldd + L).add(q11);
    p0.intoArray(c, co + 0 * ldc);
    q0.intoArray(c, co + 0 * ldc + L);
    p1.intoArray(c, co + 1 * ldc);
    q1.intoArray(c, co + 1 * ldc + L);
    p2.intoArray(c, co + 2 * ldc);
    q2.intoArray(c, co + 2 * ldc + L);
    p3.intoArray(c, co + 3 * ldc);
    q3.intoArray(c, co + 3 * ldc + L);
    p4.intoArray(c, co + 4 * ldc);
    q4.intoArray(c, co + 4 * ldc + L);
    p5.intoArray(c, co + 5 * ldc);
    q5.intoArray(c, co + 5 * ldc + L);
    p6.intoArray(c, co + 6 * ldc);
    q6.intoArray(c, co + 6 * ldc + L);
    p7.intoArray(c, co + 7 * ldc);
    q7.intoArray(c, co + 7 * ldc + L);
    p8.intoArray(c, co + 8 * ldc);
    q8.intoArray(c, co + 8 * ldc + L);
    p9.intoArray(c, co + 9 * ldc);
    q9.intoArray(c, co + 9 * ldc + L);
    p10.intoArray(c, co + 10 * ldc);
    q10.intoArray(c, co + 10 * ldc + L);
    p11.intoArray(c, co + 11 * ldc);
    q11.intoArray(c, co + 11 * ldc + L);
  }

  private static void tile12x1(
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    FloatVector p0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    FloatVector p4 = FloatVector.zero(S);
    FloatVector p5 = FloatVector.zero(S);
    FloatVector p6 = FloatVector.zero(S);
    FloatVector p7 = FloatVector.zero(S);
    FloatVector p8 = FloatVector.zero(S);
    FloatVector p9 = FloatVector.zero(S);
    FloatVector p10 = FloatVector.zero(S);
    FloatVector p11 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector x;
      x = FloatVector.broadcast(S, a[ao + k * lda + 0]);
      p0 = x.fma(b0, p0);
      x = FloatVector.broadcast(S, a[ao + k * lda + 1]);
      p1 = x.fma(b0, p1);
      x = FloatVector.broadcast(S, a[ao + k * lda + 2]);
      p2 = x.fma(b0, p2);
      x = FloatVector.broadcast(S, a[ao + k * lda + 3]);
      p3 = x.fma(b0, p3);
      x = FloatVector.broadcast(S, a[ao + k * lda + 4]);
      p4 = x.fma(b0, p4);
      x = FloatVector.broadcast(S, a[ao + k * lda + 5]);
      p5 = x.fma(b0, p5);
      x = FloatVector.broadcast(S, a[ao + k * lda + 6]);
      p6 = x.fma(b0, p6);
      x = FloatVector.broadcast(S, a[ao + k * lda + 7]);
      p7 = x.fma(b0, p7);
      x = FloatVector.broadcast(S, a[ao + k * lda + 8]);
      p8 = x.fma(b0, p8);
      x = FloatVector.broadcast(S, a[ao + k * lda + 9]);
      p9 = x.fma(b0, p9);
      x = FloatVector.broadcast(S, a[ao + k * lda + 10]);
      p10 = x.fma(b0, p10);
      x = FloatVector.broadcast(S, a[ao + k * lda + 11]);
      p11 = x.fma(b0, p11);
    }
    p0 = FloatVector.fromArray(S, d, dO + 0 * ldd).add(p0);
    p1 = FloatVector.fromArray(S, d, dO + 1 * ldd).add(p1);
    p2 = FloatVector.fromArray(S, d, dO + 2 * ldd).add(p2);
    p3 = FloatVector.fromArray(S, d, dO + 3 * ldd).add(p3);
    p4 = FloatVector.fromArray(S, d, dO + 4 * ldd).add(p4);
    p5 = FloatVector.fromArray(S, d, dO + 5 * ldd).add(p5);
    p6 = FloatVector.fromArray(S, d, dO + 6 * ldd).add(p6);
    p7 = FloatVector.fromArray(S, d, dO + 7 * ldd).add(p7);
    p8 = FloatVector.fromArray(S, d, dO + 8 * ldd).add(p8);
    p9 = FloatVector.fromArray(S, d, dO + 9 * ldd).add(p9);
    p10 = FloatVector.fromArray(S, d, dO + 10 * ldd).add(p10);
    p11 = FloatVector.fromArray(S, d, dO + 11 * ldd).add(p11);
    p0.intoArray(c, co + 0 * ldc);
    p1.intoArray(c, co + 1 * ldc);
    p2.intoArray(c, co + 2 * ldc);
    p3.intoArray(c, co + 3 * ldc);
    p4.intoArray(c, co + 4 * ldc);
    p5.intoArray(c, co + 5 * ldc);
    p6.intoArray(c, co + 6 * ldc);
    p7.intoArray(c, co + 7 * ldc);
    p8.intoArray(c, co + 8 * ldc);
    p9.intoArray(c, co + 9 * ldc);
    p10.intoArray(c, co + 10 * ldc);
    p11.intoArray(c, co + 11 * ldc);
  }

  private static void tile8x2(
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    FloatVector p0 = FloatVector.zero(S);
    FloatVector q0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector q1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector q2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    FloatVector q3 = FloatVector.zero(S);
    FloatVector p4 = FloatVector.zero(S);
    FloatVector q4 = FloatVector.zero(S);
    FloatVector p5 = FloatVector.zero(S);
    FloatVector q5 = FloatVector.zero(S);
    FloatVector p6 = FloatVector.zero(S);
    FloatVector q6 = FloatVector.zero(S);
    FloatVector p7 = FloatVector.zero(S);
    FloatVector q7 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector x;
      x = FloatVector.broadcast(S, a[ao + k * lda + 0]);
      p0 = x.fma(b0, p0);
      q0 = x.fma(b1, q0);
      x = FloatVector.broadcast(S, a[ao + k * lda + 1]);
      p1 = x.fma(b0, p1);
      q1 = x.fma(b1, q1);
      x = FloatVector.broadcast(S, a[ao + k * lda + 2]);
      p2 = x.fma(b0, p2);
      q2 = x.fma(b1, q2);
      x = FloatVector.broadcast(S, a[ao + k * lda + 3]);
      p3 = x.fma(b0, p3);
      q3 = x.fma(b1, q3);
      x = FloatVector.broadcast(S, a[ao + k * lda + 4]);
      p4 = x.fma(b0, p4);
      q4 = x.fma(b1, q4);
      x = FloatVector.broadcast(S, a[ao + k * lda + 5]);
      p5 = x.fma(b0, p5);
      q5 = x.fma(b1, q5);
      x = FloatVector.broadcast(S, a[ao + k * lda + 6]);
      p6 = x.fma(b0, p6);
      q6 = x.fma(b1, q6);
      x = FloatVector.broadcast(S, a[ao + k * lda + 7]);
      p7 = x.fma(b0, p7);
      q7 = x.fma(b1, q7);
    }
    p0 = FloatVector.fromArray(S, d, dO + 0 * ldd).add(p0);
    q0 = FloatVector.fromArray(S, d, dO + 0 * ldd + L).add(q0);
    p1 = FloatVector.fromArray(S, d, dO + 1 * ldd).add(p1);
    q1 = FloatVector.fromArray(S, d, dO + 1 * ldd + L).add(q1);
    p2 = FloatVector.fromArray(S, d, dO + 2 * ldd).add(p2);
    q2 = FloatVector.fromArray(S, d, dO + 2 * ldd + L).add(q2);
    p3 = FloatVector.fromArray(S, d, dO + 3 * ldd).add(p3);
    q3 = FloatVector.fromArray(S, d, dO + 3 * ldd + L).add(q3);
    p4 = FloatVector.fromArray(S, d, dO + 4 * ldd).add(p4);
    q4 = FloatVector.fromArray(S, d, dO + 4 * ldd + L).add(q4);
    p5 = FloatVector.fromArray(S, d, dO + 5 * ldd).add(p5);
    q5 = FloatVector.fromArray(S, d, dO + 5 * ldd + L).add(q5);
    p6 = FloatVector.fromArray(S, d, dO + 6 * ldd).add(p6);
    q6 = FloatVector.fromArray(S, d, dO + 6 * ldd + L).add(q6);
    p7 = FloatVector.fromArray(S, d, dO + 7 * ldd).add(p7);
    q7 = FloatVector.fromArray(S, d, dO + 7 * ldd + L).add(q7);
    p0.intoArray(c, co + 0 * ldc);
    q0.intoArray(c, co + 0 * ldc + L);
    p1.intoArray(c, co + 1 * ldc);
    q1.intoArray(c, co + 1 * ldc + L);
    p2.intoArray(c, co + 2 * ldc);
    q2.intoArray(c, co + 2 * ldc + L);
    p3.intoArray(c, co + 3 * ldc);
    q3.intoArray(c, co + 3 * ldc + L);
    p4.intoArray(c, co + 4 * ldc);
    q4.intoArray(c, co + 4 * ldc + L);
    p5.intoArray(c, co + 5 * ldc);
    q5.intoArray(c, co + 5 * ldc + L);
    p6.intoArray(c, co + 6 * ldc);
    q6.intoArray(c, co + 6 * ldc + L);
    p7.intoArray(c, co + 7 * ldc);
    q7.intoArray(c, co + 7 * ldc + L);
  }

  private static void tile8x1(
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    FloatVector p0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    FloatVector p4 = FloatVector.zero(S);
    FloatVector p5 = FloatVector.zero(S);
    FloatVector p6 = FloatVector.zero(S);
    FloatVector p7 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector x;
      x = FloatVector.broadcast(S, a[ao + k * lda + 0]);
      p0 = x.fma(b0, p0);
      x = FloatVector.broadcast(S, a[ao + k * lda + 1]);
      p1 = x.fma(b0, p1);
      x = FloatVector.broadcast(S, a[ao + k * lda + 2]);
      p2 = x.fma(b0, p2);
      x = FloatVector.broadcast(S, a[ao + k * lda + 3]);
      p3 = x.fma(b0, p3);
      x = FloatVector.broadcast(S, a[ao + k * lda + 4]);
      p4 = x.fma(b0, p4);
      x = FloatVector.broadcast(S, a[ao + k * lda + 5]);
      p5 = x.fma(b0, p5);
      x = FloatVector.broadcast(S, a[ao + k * lda + 6]);
      p6 = x.fma(b0, p6);
      x = FloatVector.broadcast(S, a[ao + k * lda + 7]);
      p7 = x.fma(b0, p7);
    }
    p0 = FloatVector.fromArray(S, d, dO + 0 * ldd).add(p0);
    p1 = FloatVector.fromArray(S, d, dO + 1 * ldd).add(p1);
    p2 = FloatVector.fromArray(S, d, dO + 2 * ldd).add(p2);
    p3 = FloatVector.fromArray(S, d, dO + 3 * ldd).add(p3);
    p4 = FloatVector.fromArray(S, d, dO + 4 * ldd).add(p4);
    p5 = FloatVector.fromArray(S, d, dO + 5 * ldd).add(p5);
    p6 = FloatVector.fromArray(S, d, dO + 6 * ldd).add(p6);
    p7 = FloatVector.fromArray(S, d, dO + 7 * ldd).add(p7);
    p0.intoArray(c, co + 0 * ldc);
    p1.intoArray(c, co + 1 * ldc);
    p2.intoArray(c, co + 2 * ldc);
    p3.intoArray(c, co + 3 * ldc);
    p4.intoArray(c, co + 4 * ldc);
    p5.intoArray(c, co + 5 * ldc);
    p6.intoArray(c, co + 6 * ldc);
    p7.intoArray(c, co + 7 * ldc);
  }

  private static void tile4x2(
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    FloatVector p0 = FloatVector.zero(S);
    FloatVector q0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector q1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector q2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    FloatVector q3 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector x;
      x = FloatVector.broadcast(S, a[ao + k * lda + 0]);
      p0 = x.fma(b0, p0);
      q0 = x.fma(b1, q0);
      x = FloatVector.broadcast(S, a[ao + k * lda + 1]);
      p1 = x.fma(b0, p1);
      q1 = x.fma(b1, q1);
      x = FloatVector.broadcast(S, a[ao + k * lda + 2]);
      p2 = x.fma(b0, p2);
      q2 = x.fma(b1, q2);
      x = FloatVector.broadcast(S, a[ao + k * lda + 3]);
      p3 = x.fma(b0, p3);
      q3 = x.fma(b1, q3);
    }
    p0 = FloatVector.fromArray(S, d, dO + 0 * ldd).add(p0);
    q0 = FloatVector.fromArray(S, d, dO + 0 * ldd + L).add(q0);
    p1 = FloatVector.fromArray(S, d, dO + 1 * ldd).add(p1);
    q1 = FloatVector.fromArray(S, d, dO + 1 * ldd + L).add(q1);
    p2 = FloatVector.fromArray(S, d, dO + 2 * ldd).add(p2);
    q2 = FloatVector.fromArray(S, d, dO + 2 * ldd + L).add(q2);
    p3 = FloatVector.fromArray(S, d, dO + 3 * ldd).add(p3);
    q3 = FloatVector.fromArray(S, d, dO + 3 * ldd + L).add(q3);
    p0.intoArray(c, co + 0 * ldc);
    q0.intoArray(c, co + 0 * ldc + L);
    p1.intoArray(c, co + 1 * ldc);
    q1.intoArray(c, co + 1 * ldc + L);
    p2.intoArray(c, co + 2 * ldc);
    q2.intoArray(c, co + 2 * ldc + L);
    p3.intoArray(c, co + 3 * ldc);
    q3.intoArray(c, co + 3 * ldc + L);
  }

  private static void tile4x1(
      int kc,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    FloatVector p0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector x;
      x = FloatVector.broadcast(S, a[ao + k * lda + 0]);
      p0 = x.fma(b0, p0);
      x = FloatVector.broadcast(S, a[ao + k * lda + 1]);
      p1 = x.fma(b0, p1);
      x = FloatVector.broadcast(S, a[ao + k * lda + 2]);
      p2 = x.fma(b0, p2);
      x = FloatVector.broadcast(S, a[ao + k * lda + 3]);
      p3 = x.fma(b0, p3);
    }
    p0 = FloatVector.fromArray(S, d, dO + 0 * ldd).add(p0);
    p1 = FloatVector.fromArray(S, d, dO + 1 * ldd).add(p1);
    p2 = FloatVector.fromArray(S, d, dO + 2 * ldd).add(p2);
    p3 = FloatVector.fromArray(S, d, dO + 3 * ldd).add(p3);
    p0.intoArray(c, co + 0 * ldc);
    p1.intoArray(c, co + 1 * ldc);
    p2.intoArray(c, co + 2 * ldc);
    p3.intoArray(c, co + 3 * ldc);
  }
}
