"""Writes erf.csv: x, then erf x and erfc x, each as the nearest double and the rest; by mpmath with
60 digits. Dense where the functions change their ways: near 0, next to 3/4, and where e^(-x²) turns to
the next power of two.

    python3 erf.py > ../resources/org/cotangent/autograd/cpu/erf.csv
"""
import math
import random

from mpmath import erf, erfc, mp, mpf

mp.dps = 60
random.seed(20261121)


def near(x):
    return x * (1 + random.choice((-1, 1)) * 2.0 ** -random.uniform(10, 52))


DRAWS = (
    lambda: random.gauss(0, 1),
    lambda: random.uniform(-6, 6),
    lambda: random.uniform(0, 27),
    lambda: random.choice((-1, 1)) * math.exp(random.uniform(-36, 0)),
    lambda: near(0.75),
    lambda: near(math.sqrt((random.randint(0, 1060) + 0.5) * math.log(2))),
)

for i in range(480):
    x = DRAWS[i % len(DRAWS)]()
    row = [x]
    for f in (erf, erfc):
        exact = f(mpf(x))
        row += [float(exact), float(exact - mpf(float(exact)))]
    print(",".join(map(repr, row)))
