"""Writes special.csv: exact values of special functions, by mpmath with 60 digits, rounded once.

    python3 special.py > ../resources/org/cotangent/autograd/special.csv
"""
import math
import random

from mpmath import acosh, asinh, atanh, erf, erfc, exp, log, mp, mpf, sin, pi

mp.dps = 60
random.seed(20260101)


def signed(lo, hi):
    return random.choice((-1, 1)) * math.exp(random.uniform(math.log(lo), math.log(hi)))


FUNCTIONS = {
    "erf": (erf, lambda: signed(1e-12, 6), (1e-300, 0.5, 1.0, math.nextafter(1, 0), 5.9)),
    "erfc": (erfc, lambda: random.uniform(-6, 26.5), (0.5, math.nextafter(0.5, 0), 1.0, 3.5, 26.54)),
    "asinh": (asinh, lambda: signed(1e-12, 1e200), (1.0, math.nextafter(1, 2), 1e300, -1e-300)),
    "acosh": (acosh, lambda: 1 + signed(1e-12, 1e100) ** 2, (1.0, math.nextafter(1, 2), 1e300)),
    "atanh": (atanh, lambda: math.tanh(signed(1e-12, 18)), (math.nextafter(1, 0), -1e-300)),
    "exp2": (lambda x: exp(x * log(mpf(2))), lambda: signed(1e-12, 1000), (1.0, 10.0, -1.0)),
    "log2": (lambda x: log(x) / log(mpf(2)), lambda: math.exp(signed(1e-3, 700)), (8.0, 1024.0)),
    "log10": (lambda x: log(x) / log(mpf(10)), lambda: math.exp(signed(1e-3, 700)), (1000.0,)),
    "logit": (lambda p: log(p) - log(1 - p), lambda: random.uniform(1e-12, 0.4), (1e-300, 0.9)),
    "sinc": (lambda x: sin(pi * x) / (pi * x), lambda: signed(1e-6, 3.3), (0.3183, 0.3184, 0.5)),
}

for name, (f, draw, fixed) in FUNCTIONS.items():
    for x in list(fixed) + [draw() for _ in range(60)]:
        print(f"{name},{x!r},{float(f(mpf(x)))!r}")
