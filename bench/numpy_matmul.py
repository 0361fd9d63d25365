"""Times NumPy on a product of matrices, by the harness's protocol: numpy_matmul.py G:M,K,N[,f64][,ta][,tb] THREADS"""
import os
import statistics
import sys
import time

name, threads = sys.argv[1:3]
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = threads  # before it is loaded
import numpy as np  # noqa: E402

WARM_S, REPS, REP_S = (float(os.environ.get(k, d)) for k, d in (("WARM_S", 5), ("REPS", 7), ("REP_S", 1.5)))
words = name[2:].split(",")
m, k, n = map(int, words[:3])
dtype = np.float64 if "f64" in words else np.float32
rng = np.random.default_rng(0)


def matrix(rows, columns, transposed):
    return rng.random((columns, rows)).astype(dtype).T if transposed else rng.random((rows, columns)).astype(dtype)


a, b = matrix(m, k, "ta" in words), matrix(k, n, "tb" in words)
out = np.empty((m, n), dtype)


def run(steps):
    start = time.perf_counter()
    for _ in range(steps):
        np.matmul(a, b, out=out)
    return time.perf_counter() - start


done, start = 0, time.perf_counter()
while time.perf_counter() - start < WARM_S or done < 3:
    done += 10
    run(10)
trial = max(1, int(0.3 * done / (time.perf_counter() - start)))
steps = max(1, int(REP_S * trial / run(trial)))
rates = [steps / run(steps) for _ in range(int(REPS))]
rate = statistics.median(rates)
print(
    "peer=numpy workload=%s threads=%s variant=ref steps_per_s=%.2f best=%.2f worst=%.2f step_us=%.2f gflops=%.1f"
    % (name, threads, rate, max(rates), min(rates), 1e6 / rate, 2 * m * k * n * rate / 1e9)
)
