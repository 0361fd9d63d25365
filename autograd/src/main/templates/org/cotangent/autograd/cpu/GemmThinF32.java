package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.LanesF32.L;
import static org.cotangent.autograd.cpu.LanesF32.S;

import jdk.incubator.vector.FloatVector;

/// Tiles of C = D + A B with one to four rows, written by tools/GemmTiles.java: nothing is copied,
/// and B is read once for all rows.
///
/// Row k of B is read as vectors; element (r, k) of A is at `ao + r row + k term`. Rows beyond
/// `last` are row `last` once more. D is as for [GemmRowsF32].
final class GemmThinF32 {
  private GemmThinF32() {}

  static void run(
      int height,
      int vectors,
      int last,
      int kc,
      float[] a,
      int ao,
      int row,
      int term,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    switch (10 * height + vectors) {
      case 24 -> tile2x4(last, kc, a, ao, row, term, b, bo, ldb, d, dO, ldd, c, co, ldc);
      case 21 -> tile2x1(last, kc, a, ao, row, term, b, bo, ldb, d, dO, ldd, c, co, ldc);
      case 44 -> tile4x4(last, kc, a, ao, row, term, b, bo, ldb, d, dO, ldd, c, co, ldc);
      case 42 -> tile4x2(last, kc, a, ao, row, term, b, bo, ldb, d, dO, ldd, c, co, ldc);
      case 41 -> tile4x1(last, kc, a, ao, row, term, b, bo, ldb, d, dO, ldd, c, co, ldc);
      default -> throw new IllegalArgumentException("no tile of height " + height);
    }
  }

  private static void tile2x4(
      int last,
      int kc,
      float[] a,
      int ao,
      int row,
      int term,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    int a1 = Math.min(1, last) * row;
    FloatVector p0 = FloatVector.zero(S);
    FloatVector q0 = FloatVector.zero(S);
    FloatVector s0 = FloatVector.zero(S);
    FloatVector t0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector q1 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector t1 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector b2 = FloatVector.fromArray(S, b, bo + k * ldb + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, bo + k * ldb + 3 * L);
      int at = ao + k * term;
      FloatVector x;
      x = FloatVector.broadcast(S, a[at]);
      p0 = x.fma(b0, p0);
      q0 = x.fma(b1, q0);
      s0 = x.fma(b2, s0);
      t0 = x.fma(b3, t0);
      x = FloatVector.broadcast(S, a[at + a1]);
      p1 = x.fma(b0, p1);
      q1 = x.fma(b1, q1);
      s1 = x.fma(b2, s1);
      t1 = x.fma(b3, t1);
    }
    int d0 = dO + Math.min(0, last) * ldd;
    p0 = FloatVector.fromArray(S, d, d0).add(p0);
    q0 = FloatVector.fromArray(S, d, d0 + L).add(q0);
    s0 = FloatVector.fromArray(S, d, d0 + 2 * L).add(s0);
    t0 = FloatVector.fromArray(S, d, d0 + 3 * L).add(t0);
    int d1 = dO + Math.min(1, last) * ldd;
    p1 = FloatVector.fromArray(S, d, d1).add(p1);
    q1 = FloatVector.fromArray(S, d, d1 + L).add(q1);
    s1 = FloatVector.fromArray(S, d, d1 + 2 * L).add(s1);
    t1 = FloatVector.fromArray(S, d, d1 + 3 * L).add(t1);
    int c0 = co + Math.min(0, last) * ldc;
    p0.intoArray(c, c0);
    q0.intoArray(c, c0 + L);
    s0.intoArray(c, c0 + 2 * L);
    t0.intoArray(c, c0 + 3 * L);
    int c1 = co + Math.min(1, last) * ldc;
    p1.intoArray(c, c1);
    q1.intoArray(c, c1 + L);
    s1.intoArray(c, c1 + 2 * L);
    t1.intoArray(c, c1 + 3 * L);
  }

  private static void tile2x1(
      int last,
      int kc,
      float[] a,
      int ao,
      int row,
      int term,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    int a1 = Math.min(1, last) * row;
    FloatVector p0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      int at = ao + k * term;
      FloatVector x;
      x = FloatVector.broadcast(S, a[at]);
      p0 = x.fma(b0, p0);
      x = FloatVector.broadcast(S, a[at + a1]);
      p1 = x.fma(b0, p1);
    }
    int d0 = dO + Math.min(0, last) * ldd;
    p0 = FloatVector.fromArray(S, d, d0).add(p0);
    int d1 = dO + Math.min(1, last) * ldd;
    p1 = FloatVector.fromArray(S, d, d1).add(p1);
    int c0 = co + Math.min(0, last) * ldc;
    p0.intoArray(c, c0);
    int c1 = co + Math.min(1, last) * ldc;
    p1.intoArray(c, c1);
  }

  private static void tile4x4(
      int last,
      int kc,
      float[] a,
      int ao,
      int row,
      int term,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    int a1 = Math.min(1, last) * row;
    int a2 = Math.min(2, last) * row;
    int a3 = Math.min(3, last) * row;
    FloatVector p0 = FloatVector.zero(S);
    FloatVector q0 = FloatVector.zero(S);
    FloatVector s0 = FloatVector.zero(S);
    FloatVector t0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector q1 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector t1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector q2 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector t2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    FloatVector q3 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    FloatVector t3 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector b1 = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector b2 = FloatVector.fromArray(S, b, bo + k * ldb + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, bo + k * ldb + 3 * L);
      int at = ao + k * term;
      FloatVector x;
      x = FloatVector.broadcast(S, a[at]);
      p0 = x.fma(b0, p0);
      q0 = x.fma(b1, q0);
      s0 = x.fma(b2, s0);
      t0 = x.fma(b3, t0);
      x = FloatVector.broadcast(S, a[at + a1]);
      p1 = x.fma(b0, p1);
      q1 = x.fma(b1, q1);
      s1 = x.fma(b2, s1);
      t1 = x.fma(b3, t1);
      x = FloatVector.broadcast(S, a[at + a2]);
      p2 = x.fma(b0, p2);
      q2 = x.fma(b1, q2);
      s2 = x.fma(b2, s2);
      t2 = x.fma(b3, t2);
      x = FloatVector.broadcast(S, a[at + a3]);
      p3 = x.fma(b0, p3);
      q3 = x.fma(b1, q3);
      s3 = x.fma(b2, s3);
      t3 = x.fma(b3, t3);
    }
    int d0 = dO + Math.min(0, last) * ldd;
    p0 = FloatVector.fromArray(S, d, d0).add(p0);
    q0 = FloatVector.fromArray(S, d, d0 + L).add(q0);
    s0 = FloatVector.fromArray(S, d, d0 + 2 * L).add(s0);
    t0 = FloatVector.fromArray(S, d, d0 + 3 * L).add(t0);
    int d1 = dO + Math.min(1, last) * ldd;
    p1 = FloatVector.fromArray(S, d, d1).add(p1);
    q1 = FloatVector.fromArray(S, d, d1 + L).add(q1);
    s1 = FloatVector.fromArray(S, d, d1 + 2 * L).add(s1);
    t1 = FloatVector.fromArray(S, d, d1 + 3 * L).add(t1);
    int d2 = dO + Math.min(2, last) * ldd;
    p2 = FloatVector.fromArray(S, d, d2).add(p2);
    q2 = FloatVector.fromArray(S, d, d2 + L).add(q2);
    s2 = FloatVector.fromArray(S, d, d2 + 2 * L).add(s2);
    t2 = FloatVector.fromArray(S, d, d2 + 3 * L).add(t2);
    int d3 = dO + Math.min(3, last) * ldd;
    p3 = FloatVector.fromArray(S, d, d3).add(p3);
    q3 = FloatVector.fromArray(S, d, d3 + L).add(q3);
    s3 = FloatVector.fromArray(S, d, d3 + 2 * L).add(s3);
    t3 = FloatVector.fromArray(S, d, d3 + 3 * L).add(t3);
    int c0 = co + Math.min(0, last) * ldc;
    p0.intoArray(c, c0);
    q0.intoArray(c, c0 + L);
    s0.intoArray(c, c0 + 2 * L);
    t0.intoArray(c, c0 + 3 * L);
    int c1 = co + Math.min(1, last) * ldc;
    p1.intoArray(c, c1);
    q1.intoArray(c, c1 + L);
    s1.intoArray(c, c1 + 2 * L);
    t1.intoArray(c, c1 + 3 * L);
    int c2 = co + Math.min(2, last) * ldc;
    p2.intoArray(c, c2);
    q2.intoArray(c, c2 + L);
    s2.intoArray(c, c2 + 2 * L);
    t2.intoArray(c, c2 + 3 * L);
    int c3 = co + Math.min(3, last) * ldc;
    p3.intoArray(c, c3);
    q3.intoArray(c, c3 + L);
    s3.intoArray(c, c3 + 2 * L);
    t3.intoArray(c, c3 + 3 * L);
  }

  private static void tile4x2(
      int last,
      int kc,
      float[] a,
      int ao,
      int row,
      int term,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    int a1 = Math.min(1, last) * row;
    int a2 = Math.min(2, last) * row;
    int a3 = Math.min(3, last) * row;
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
      int at = ao + k * term;
      FloatVector x;
      x = FloatVector.broadcast(S, a[at]);
      p0 = x.fma(b0, p0);
      q0 = x.fma(b1, q0);
      x = FloatVector.broadcast(S, a[at + a1]);
      p1 = x.fma(b0, p1);
      q1 = x.fma(b1, q1);
      x = FloatVector.broadcast(S, a[at + a2]);
      p2 = x.fma(b0, p2);
      q2 = x.fma(b1, q2);
      x = FloatVector.broadcast(S, a[at + a3]);
      p3 = x.fma(b0, p3);
      q3 = x.fma(b1, q3);
    }
    int d0 = dO + Math.min(0, last) * ldd;
    p0 = FloatVector.fromArray(S, d, d0).add(p0);
    q0 = FloatVector.fromArray(S, d, d0 + L).add(q0);
    int d1 = dO + Math.min(1, last) * ldd;
    p1 = FloatVector.fromArray(S, d, d1).add(p1);
    q1 = FloatVector.fromArray(S, d, d1 + L).add(q1);
    int d2 = dO + Math.min(2, last) * ldd;
    p2 = FloatVector.fromArray(S, d, d2).add(p2);
    q2 = FloatVector.fromArray(S, d, d2 + L).add(q2);
    int d3 = dO + Math.min(3, last) * ldd;
    p3 = FloatVector.fromArray(S, d, d3).add(p3);
    q3 = FloatVector.fromArray(S, d, d3 + L).add(q3);
    int c0 = co + Math.min(0, last) * ldc;
    p0.intoArray(c, c0);
    q0.intoArray(c, c0 + L);
    int c1 = co + Math.min(1, last) * ldc;
    p1.intoArray(c, c1);
    q1.intoArray(c, c1 + L);
    int c2 = co + Math.min(2, last) * ldc;
    p2.intoArray(c, c2);
    q2.intoArray(c, c2 + L);
    int c3 = co + Math.min(3, last) * ldc;
    p3.intoArray(c, c3);
    q3.intoArray(c, c3 + L);
  }

  private static void tile4x1(
      int last,
      int kc,
      float[] a,
      int ao,
      int row,
      int term,
      float[] b,
      int bo,
      int ldb,
      float[] d,
      int dO,
      int ldd,
      float[] c,
      int co,
      int ldc) {
    int a1 = Math.min(1, last) * row;
    int a2 = Math.min(2, last) * row;
    int a3 = Math.min(3, last) * row;
    FloatVector p0 = FloatVector.zero(S);
    FloatVector p1 = FloatVector.zero(S);
    FloatVector p2 = FloatVector.zero(S);
    FloatVector p3 = FloatVector.zero(S);
    for (int k = 0; k < kc; k++) {
      FloatVector b0 = FloatVector.fromArray(S, b, bo + k * ldb);
      int at = ao + k * term;
      FloatVector x;
      x = FloatVector.broadcast(S, a[at]);
      p0 = x.fma(b0, p0);
      x = FloatVector.broadcast(S, a[at + a1]);
      p1 = x.fma(b0, p1);
      x = FloatVector.broadcast(S, a[at + a2]);
      p2 = x.fma(b0, p2);
      x = FloatVector.broadcast(S, a[at + a3]);
      p3 = x.fma(b0, p3);
    }
    int d0 = dO + Math.min(0, last) * ldd;
    p0 = FloatVector.fromArray(S, d, d0).add(p0);
    int d1 = dO + Math.min(1, last) * ldd;
    p1 = FloatVector.fromArray(S, d, d1).add(p1);
    int d2 = dO + Math.min(2, last) * ldd;
    p2 = FloatVector.fromArray(S, d, d2).add(p2);
    int d3 = dO + Math.min(3, last) * ldd;
    p3 = FloatVector.fromArray(S, d, d3).add(p3);
    int c0 = co + Math.min(0, last) * ldc;
    p0.intoArray(c, c0);
    int c1 = co + Math.min(1, last) * ldc;
    p1.intoArray(c, c1);
    int c2 = co + Math.min(2, last) * ldc;
    p2.intoArray(c, c2);
    int c3 = co + Math.min(3, last) * ldc;
    p3.intoArray(c, c3);
  }
}
