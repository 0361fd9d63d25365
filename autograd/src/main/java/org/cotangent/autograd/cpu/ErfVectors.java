package org.cotangent.autograd.cpu;

import static org.cotangent.autograd.cpu.Erf.*;
import static org.cotangent.autograd.cpu.LanesF64.L;
import static org.cotangent.autograd.cpu.LanesF64.S;
import static org.cotangent.autograd.cpu.WideMath.*;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// The functions of [Erf] over runs of whole vectors, step by step: `n` is a multiple of the lanes,
/// a result may overwrite its operand, and loops call nothing but vector operations, for the reason
/// that [VectorMathF32] gives.
///
/// Steps for numbers beyond the end of a function stand in a branch: a comparison that is only
/// branched upon keeps nobody waiting.
final class ErfVectors {
  private ErfVectors() {}

  /// erf, or erfc if `complement`: one loop, since either costs the compiler a third of a second.
  static void run(boolean complement, int n, double[] x, int xo, double[] y, int yo) {
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, xo + i);
      DoubleVector a = v.abs();
      LongVector sign = v.reinterpretAsLongs().and(SIGN_BIT);
      VectorMask<Double> isNear = a.compare(VectorOperators.LT, NEAR);
      DoubleVector near = a;
      if (!complement && isNear.anyTrue()) {
        DoubleVector z = a.mul(a);
        DoubleVector zz = z.mul(z);
        DoubleVector p = zz.mul(NEAR_10).add(NEAR_8);
        p = p.mul(zz).add(NEAR_6).mul(zz).add(NEAR_4);
        p = p.mul(zz).add(NEAR_2).mul(zz).add(NEAR_0);
        DoubleVector q = zz.mul(NEAR_9).add(NEAR_7);
        q = q.mul(zz).add(NEAR_5).mul(zz).add(NEAR_3);
        q = q.mul(zz).add(NEAR_1);
        near = a.add(a.mul(p.add(z.mul(q))));
        if (isNear.allTrue()) {
          near.reinterpretAsLongs().or(sign).reinterpretAsDoubles().intoArray(y, yo + i);
          continue;
        }
      }
      if (!a.compare(VectorOperators.LE, TAIL_END).allTrue()) {
        a = a.blend(TAIL_END, a.compare(VectorOperators.GT, TAIL_END));
      }
      DoubleVector u = a.div(a.add(TAIL_K));
      DoubleVector d = a.mul(1.25).add(1);
      DoubleVector inverse = d.broadcast(1).div(d);
      DoubleVector t = u.add(u).sub(1);
      DoubleVector tt = t.mul(t);
      DoubleVector t4 = tt.mul(tt);
      DoubleVector p = t4.mul(TAIL_21).add(TAIL_17);
      p = p.mul(t4).add(TAIL_13).mul(t4).add(TAIL_9);
      p = p.mul(t4).add(TAIL_5).mul(t4).add(TAIL_1);
      DoubleVector q = t4.mul(TAIL_22).add(TAIL_18);
      q = q.mul(t4).add(TAIL_14).mul(t4).add(TAIL_10);
      q = q.mul(t4).add(TAIL_6).mul(t4).add(TAIL_2);
      DoubleVector r = t4.mul(TAIL_19).add(TAIL_15);
      r = r.mul(t4).add(TAIL_11).mul(t4).add(TAIL_7);
      r = r.mul(t4).add(TAIL_3);
      DoubleVector s = t4.mul(TAIL_20).add(TAIL_16);
      s = s.mul(t4).add(TAIL_12).mul(t4).add(TAIL_8);
      s = s.mul(t4).add(TAIL_4);
      DoubleVector rise = t.mul(p.add(t.mul(q)).add(tt.mul(r.add(t.mul(s)))));
      DoubleVector f = rise.add(TAIL_0);
      DoubleVector fLow = f.neg().add(TAIL_0).add(rise).add(TAIL_LOW);
      DoubleVector dHigh = d.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector dLow = a.sub(dHigh.sub(1)).add(a.mul(0.25));
      DoubleVector g = f.mul(inverse).reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector gLow = f.sub(g.mul(dHigh)).sub(g.mul(dLow)).add(fLow).mul(inverse);

      DoubleVector first = a.reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector square = first.mul(first);
      DoubleVector m = square.mul(-LOG2_E).add(MAGIC);
      DoubleVector k = m.sub(MAGIC);
      DoubleVector high = square.add(k.mul(LN2_HIGH));
      DoubleVector low = a.sub(first).mul(a.add(first)).add(k.mul(LN2_LOW));
      DoubleVector w = high.add(low);
      DoubleVector z = w.mul(w);
      DoubleVector odd = z.mul(SINH_4).add(SINH_3);
      odd = odd.mul(z).add(SINH_2).mul(z).add(SINH_1);
      odd = odd.mul(z).add(SINH_0);
      DoubleVector even = z.mul(COSH_5).add(COSH_4);
      even = even.mul(z).add(COSH_3).mul(z).add(COSH_2);
      even = even.mul(z).add(COSH_1).mul(z).add(COSH_0);
      DoubleVector one = w.neg().add(1);
      DoubleVector rest = one.neg().add(1).sub(w).sub(low.sub(w.sub(high)));
      rest = rest.add(z.mul(even).sub(w.mul(z).mul(odd)));
      DoubleVector e = one.add(rest).reinterpretAsLongs().and(HIGH_BITS).reinterpretAsDoubles();
      DoubleVector eLow = one.sub(e).add(rest);
      DoubleVector tail = e.mul(g).add(e.mul(gLow).add(eLow.mul(g.add(gLow))));
      LongVector power = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      tail = tail.mul(power.add(HUGE_BITS).reinterpretAsDoubles()).mul(1 / HUGE);
      if (complement) {
        VectorMask<Double> left = v.compare(VectorOperators.LT, 0);
        tail.blend(tail.neg().add(2), left).intoArray(y, yo + i);
      } else {
        LongVector bits = tail.neg().add(1).blend(near, isNear).reinterpretAsLongs();
        bits.or(sign).reinterpretAsDoubles().intoArray(y, yo + i);
      }
    }
  }

  /// erf of numbers that are floats.
  static void erfOfFloats(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i += L) {
      DoubleVector v = DoubleVector.fromArray(S, x, i);
      if (!v.abs().compare(VectorOperators.LE, FLOAT_ONE).allTrue()) {
        LongVector sign = v.reinterpretAsLongs().and(SIGN_BIT);
        DoubleVector one = sign.or(FLOAT_ONE_BITS).reinterpretAsDoubles();
        v = v.blend(one, v.abs().compare(VectorOperators.GT, FLOAT_ONE));
      }
      DoubleVector t = v.mul(v).sub(8);
      DoubleVector tt = t.mul(t);
      DoubleVector t4 = tt.mul(tt);
      DoubleVector p = t4.mul(FLOAT_16).add(FLOAT_12);
      p = p.mul(t4).add(FLOAT_8).mul(t4).add(FLOAT_4);
      p = p.mul(t4).add(FLOAT_0);
      DoubleVector q = t4.mul(FLOAT_17).add(FLOAT_13);
      q = q.mul(t4).add(FLOAT_9).mul(t4).add(FLOAT_5);
      q = q.mul(t4).add(FLOAT_1);
      DoubleVector r = t4.mul(FLOAT_18).add(FLOAT_14);
      r = r.mul(t4).add(FLOAT_10).mul(t4).add(FLOAT_6);
      r = r.mul(t4).add(FLOAT_2);
      DoubleVector s = t4.mul(FLOAT_15).add(FLOAT_11);
      s = s.mul(t4).add(FLOAT_7).mul(t4).add(FLOAT_3);
      v.mul(p.add(t.mul(q)).add(tt.mul(r.add(t.mul(s))))).intoArray(y, i);
    }
  }

  /// erfc of numbers that are floats.
  static void erfcOfFloats(int n, double[] x, double[] y) {
    for (int i = 0; i < n; i += L) {
      DoubleVector x0 = DoubleVector.fromArray(S, x, i);
      DoubleVector a = x0.abs();
      if (!a.compare(VectorOperators.LE, FLOAT_END).allTrue()) {
        a = a.blend(FLOAT_END, a.compare(VectorOperators.GT, FLOAT_END));
      }
      DoubleVector t = a.broadcast(1).div(a.add(FLOAT_K));
      DoubleVector square = a.mul(a);
      DoubleVector m = square.mul(-LOG2_E).add(MAGIC);
      DoubleVector v = m.sub(MAGIC).mul(LN2).add(square);
      DoubleVector z = v.mul(v);
      DoubleVector odd = z.mul(1d / 5040).add(1d / 120).mul(z).add(1d / 6);
      DoubleVector even = z.mul(1d / 40320).add(1d / 720).mul(z).add(1d / 24).mul(z).add(0.5);
      DoubleVector e = z.mul(even).add(1).sub(z.mul(odd).add(1).mul(v));
      LongVector power = m.reinterpretAsLongs().lanewise(VectorOperators.LSHL, MANTISSA);
      e = e.reinterpretAsLongs().add(power).reinterpretAsDoubles();
      DoubleVector tt = t.mul(t);
      DoubleVector t4 = tt.mul(tt);
      DoubleVector p = t4.mul(FLOAT_TAIL_8).add(FLOAT_TAIL_4);
      p = p.mul(t4).add(FLOAT_TAIL_0);
      DoubleVector q = t4.mul(FLOAT_TAIL_9).add(FLOAT_TAIL_5);
      q = q.mul(t4).add(FLOAT_TAIL_1);
      DoubleVector r = t4.mul(FLOAT_TAIL_10).add(FLOAT_TAIL_6);
      r = r.mul(t4).add(FLOAT_TAIL_2);
      DoubleVector s = t4.mul(FLOAT_TAIL_11).add(FLOAT_TAIL_7);
      s = s.mul(t4).add(FLOAT_TAIL_3);
      DoubleVector tail = e.mul(t).mul(p.add(t.mul(q)).add(tt.mul(r.add(t.mul(s)))));
      VectorMask<Double> left = x0.compare(VectorOperators.LT, 0);
      tail.blend(tail.neg().add(2), left).intoArray(y, i);
    }
  }
}
