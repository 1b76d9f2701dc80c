"""A trainer for small networks in plain numpy: layers with hand-written gradients, and Adam.

Everything is float64 and single-threaded, and `rounded` drops the last digits of the result, so
that the trained weights are the same bytes on every machine although sums are ordered by the CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import common  # it pins the linear algebra kernels before numpy loads them

import numpy as np

Array = common.Array

WEIGHT_STEP = 2.0**-12
"""Trained weights are multiples of this, far above the noise of a different summation order."""


class Layer(Protocol):
    """One step of a network; `backward` follows the `forward` it belongs to."""

    def parameters(self) -> list[Array]:
        """Arrays to train, changed in place."""
        ...

    def forward(self, x: Array) -> Array:
        """The layer's output for a batch."""
        ...

    def backward(self, gradient: Array) -> tuple[Array, list[Array]]:
        """Gradients of the input and of each parameter."""
        ...


@dataclass
class Dense:
    """A fully connected layer: rows times weight plus bias."""

    weight: Array
    bias: Array
    seen: Array = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def new(cls, inputs: int, outputs: int, random: np.random.Generator) -> Dense:
        """Random weights of He's variance."""
        return cls(random.normal(0, np.sqrt(2 / inputs), (inputs, outputs)), np.zeros(outputs))

    def parameters(self) -> list[Array]:
        """Weight and bias."""
        return [self.weight, self.bias]

    def forward(self, x: Array) -> Array:
        """The product."""
        self.seen = x
        return x @ self.weight + self.bias

    def backward(self, gradient: Array) -> tuple[Array, list[Array]]:
        """Transposed products."""
        return gradient @ self.weight.T, [self.seen.T @ gradient, gradient.sum(0)]


@dataclass
class Conv3x3:
    """A 3x3 convolution with a border of zeros; images are [batch, channel, row, column]."""

    weight: Array
    bias: Array
    seen: Array = field(default_factory=lambda: np.zeros(0))
    shape: tuple[int, ...] = ()

    @classmethod
    def new(cls, inputs: int, outputs: int, random: np.random.Generator) -> Conv3x3:
        """Random weights of He's variance."""
        return cls(random.normal(0, np.sqrt(2 / (9 * inputs)), (outputs, inputs, 3, 3)), np.zeros(outputs))

    def parameters(self) -> list[Array]:
        """Weight and bias."""
        return [self.weight, self.bias]

    def forward(self, x: Array) -> Array:
        """Unfolds the patches of every pixel and multiplies them once."""
        batch, channels, rows, columns = self.shape = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
        self.seen = windows.transpose(0, 2, 3, 1, 4, 5).reshape(batch * rows * columns, channels * 9)
        product = self.seen @ self.weight.reshape(len(self.bias), -1).T + self.bias
        return product.reshape(batch, rows, columns, -1).transpose(0, 3, 1, 2)

    def backward(self, gradient: Array) -> tuple[Array, list[Array]]:
        """Folds patch gradients back onto the padded image."""
        batch, channels, rows, columns = self.shape
        flat = gradient.transpose(0, 2, 3, 1).reshape(-1, len(self.bias))
        patches = (flat @ self.weight.reshape(len(self.bias), -1)).reshape(batch, rows, columns, channels, 3, 3)
        padded = np.zeros((batch, channels, rows + 2, columns + 2))
        for row in range(3):
            for column in range(3):
                moved = patches[..., row, column].transpose(0, 3, 1, 2)
                padded[:, :, row : row + rows, column : column + columns] += moved
        weight = (flat.T @ self.seen).reshape(self.weight.shape)
        return padded[:, :, 1:-1, 1:-1], [weight, flat.sum(0)]


@dataclass
class Relu:
    """Negative values become zero."""

    kept: Array = field(default_factory=lambda: np.zeros(0))

    def parameters(self) -> list[Array]:
        """None."""
        return []

    def forward(self, x: Array) -> Array:
        """Clips."""
        self.kept = x > 0
        return x * self.kept

    def backward(self, gradient: Array) -> tuple[Array, list[Array]]:
        """Passes the gradient where the input was positive."""
        return gradient * self.kept, []


@dataclass
class MaxPool2x2:
    """The largest of each 2x2 square."""

    share: Array = field(default_factory=lambda: np.zeros(0))

    def parameters(self) -> list[Array]:
        """None."""
        return []

    def forward(self, x: Array) -> Array:
        """Pools, and remembers which pixels won (several, if equal)."""
        batch, channels, rows, columns = x.shape
        squares = x.reshape(batch, channels, rows // 2, 2, columns // 2, 2)
        largest = squares.max((3, 5), keepdims=True)
        winners = squares == largest
        self.share = winners / winners.sum((3, 5), keepdims=True)
        return largest[:, :, :, 0, :, 0]

    def backward(self, gradient: Array) -> tuple[Array, list[Array]]:
        """Gives each winner its share."""
        spread = self.share * gradient[:, :, :, None, :, None]
        batch, channels, rows, _, columns, _ = spread.shape
        return spread.reshape(batch, channels, rows * 2, columns * 2), []


@dataclass
class Flatten:
    """One row per image."""

    shape: tuple[int, ...] = ()

    def parameters(self) -> list[Array]:
        """None."""
        return []

    def forward(self, x: Array) -> Array:
        """Reshapes."""
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, gradient: Array) -> tuple[Array, list[Array]]:
        """Reshapes back."""
        return gradient.reshape(self.shape), []


@dataclass
class Adam:
    """The Adam optimiser over a fixed list of arrays, with decoupled weight decay."""

    parameters: list[Array]
    decay: float
    step_count: int = 0

    def __post_init__(self) -> None:
        self.means = [np.zeros_like(p) for p in self.parameters]
        self.squares = [np.zeros_like(p) for p in self.parameters]

    def step(self, gradients: list[Array], rate: float) -> None:
        """Moves every parameter once."""
        self.step_count += 1
        for parameter, gradient, mean, square in zip(self.parameters, gradients, self.means, self.squares, strict=True):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            unbiased = mean / (1 - 0.9**self.step_count)
            spread = np.sqrt(square / (1 - 0.999**self.step_count)) + 1e-8
            parameter -= rate * (unbiased / spread + self.decay * parameter)


@dataclass
class Network:
    """Layers in a row."""

    layers: list[Layer]

    def forward(self, x: Array) -> Array:
        """Logits of a batch."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def gradients(self, logits: Array, labels: Array) -> list[Array]:
        """Gradients of the mean cross entropy, in the order of `parameters`."""
        shifted = np.exp(logits - logits.max(1, keepdims=True))
        gradient = shifted / shifted.sum(1, keepdims=True)
        gradient[np.arange(len(labels)), labels] -= 1
        gradient /= len(labels)
        collected: list[list[Array]] = []
        for layer in reversed(self.layers):
            gradient, own = layer.backward(gradient)
            collected.append(own)
        return [array for own in reversed(collected) for array in own]

    def parameters(self) -> list[Array]:
        """All arrays to train."""
        return [array for layer in self.layers for array in layer.parameters()]

    def rounded(self) -> list[Array]:
        """The trained parameters on their grid, as float32."""
        return [(np.round(p / WEIGHT_STEP) * WEIGHT_STEP).astype(np.float32) for p in self.parameters()]


@dataclass(frozen=True)
class Training:
    """How to train: one object, so that a model's recipe reads in one place."""

    epochs: int
    batch: int
    rate: float
    decay: float
    seed: int
    augment: Callable[[Array, np.random.Generator], Array] = lambda x, _: x

    def run(self, network: Network, x: Array, labels: Array) -> None:
        """Trains in place, the rate falling to zero along a cosine."""
        random = np.random.Generator(np.random.PCG64(self.seed))
        optimiser = Adam(network.parameters(), self.decay)
        for epoch in range(self.epochs):
            rate = self.rate * (1 + np.cos(np.pi * epoch / self.epochs)) / 2
            order = random.permutation(len(x))
            for start in range(0, len(x), self.batch):
                chosen = order[start : start + self.batch]
                logits = network.forward(self.augment(x[chosen], random))
                optimiser.step(network.gradients(logits, labels[chosen]), rate)
