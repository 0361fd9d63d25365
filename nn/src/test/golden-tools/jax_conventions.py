"""Prints what JAX does at the hard points of docs/conventions.md, for its columns on layers and losses.

    pip install "jax<0.11"; python3 nn/src/test/golden-tools/jax_conventions.py

Written with JAX 0.10.2 on the CPU, in double precision. Nothing reads what it prints.
"""

import jax
import jax.numpy as jnp
from jax import grad, lax, nn
from jax.scipy.special import rel_entr

jax.config.update("jax_enable_x64", True)
inf, nan = jnp.inf, jnp.nan


def at(name, f, *x):
    x = jnp.array(x, dtype=float)
    print(f"{name:36s} {f(x)}  {grad(lambda v: jnp.sum(f(v)))(x)}")


def conv(x, w, padding, stride=1):
    x, w = (jnp.array(v, float).reshape(1, 1, -1) for v in (x, w))
    return lax.conv_general_dilated(x, w, (stride,), padding).ravel()


def largest(size, stride, padding):
    return lambda x: lax.reduce_window(x, -inf, lax.max, (size,), (stride,), padding)


def cross_entropy(*t):
    return lambda x: -jnp.sum(jnp.array(t) * nn.log_softmax(x))


print("--- convolution and pooling")
print("kernels are not turned round", conv([1, 2, 3], [1, 10], "VALID"))
print("a kernel that is too long", conv([1, 2], [1, 1, 1], "VALID"))
print("same, even kernel", conv([1, 2, 3], [1, 10], "SAME"))
print("same, stride 2", conv([1, 2, 3, 4, 5], [1, 10], "SAME", 2))
print("NaN, ∞ beside padding", conv([1, 2, 3], [nan, 1, 1], [(1, 1)]), conv([1, 2, 3], [inf, 1, 1], [(1, 1)]))
print("reflected more than there is", jnp.pad(jnp.arange(2.0), 4, mode="reflect"))
at("equal elements", largest(3, 2, [(1, 1)]), 5, 5, 5, 1)
at("overlap", largest(2, 1, "VALID"), 1, 5, 1)
at("beside padding all is -∞", largest(3, 2, [(1, 1)]), -inf, -inf, -inf, 1)
at("NaN", largest(3, 3, "VALID"), 1, nan, nan)
print("a window of padding only", largest(2, 2, [(2, 2)])(jnp.array([1.0, 2.0])))
print("nearest, 5 to 3", jax.image.resize(jnp.arange(5.0), (3,), "nearest"))

print("--- cross-entropy")
at("targets that sum to 2", cross_entropy(1.0, 1.0), 0, 0)
at("a logit of -∞ with weight 0", cross_entropy(0.0, 1.0), -inf, 2)
at("a logit of -∞ for the class itself", lambda x: -nn.log_softmax(x)[0], -inf, 2)
at("unfused", lambda x: -jnp.log(nn.softmax(x)[0]), -1000, 0)

print("--- layers and losses")
at("relu6", nn.relu6, 0, 6)
at("hard_tanh", nn.hard_tanh, -1, 1)
at("hard_sigmoid", nn.hard_sigmoid, -3, 0, 3)
at("hard_swish", nn.hard_swish, -3, 3)
at("leaky_relu", nn.leaky_relu, 0)
at("elu, α = 2", lambda x: nn.elu(x, 2.0), 0)
at("celu, α = 2", lambda x: nn.celu(x, 2.0), 0)
at("abs", jnp.abs, 0)
at("maximum(x, 0)", lambda x: jnp.maximum(x, 0), 0)
at("rel_entr", lambda t: rel_entr(t, jnp.array(0.5)), 0)
at("-log_sigmoid", lambda x: -nn.log_sigmoid(x), -1000, 1000)
at("standardize", lambda x: nn.standardize(x) * jnp.array([1.0, 2.0]), 7, 7)
for f in (
    nn.relu6, nn.hard_tanh, nn.hard_sigmoid, nn.hard_swish, nn.leaky_relu, nn.elu, nn.celu, nn.selu, nn.gelu, nn.silu,
    nn.mish, nn.softplus, nn.soft_sign, nn.log_sigmoid, nn.sigmoid, lambda x: nn.gelu(x, approximate=False),
):
    for order in (f, grad(f), grad(grad(f))):
        assert all(jnp.isfinite(order(jnp.array(v))) for v in (-1000.0, 1000.0)), f
q = jnp.ones((1, 1, 1, 2))
v = jnp.array([[1.0, 2.0], [3.0, 6.0]]).reshape(1, 2, 1, 2)
for mask in ([False, False], [True, False]):
    looked = nn.dot_product_attention(q, jnp.ones_like(v), v, mask=jnp.array(mask).reshape(1, 1, 1, 2))
    print("attention, mask", mask, looked.ravel())
