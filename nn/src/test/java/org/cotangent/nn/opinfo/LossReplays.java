package org.cotangent.nn.opinfo;

import java.util.Map;
import java.util.Set;

/// Activations, normalisation, losses.
final class LossReplays {
  private LossReplays() {}

  /// Operators of this topic that are not there yet.
  static final Set<String> PENDING =
      Set.of(
          "nn.functional.batch_norm",
          "nn.functional.binary_cross_entropy",
          "nn.functional.binary_cross_entropy_with_logits",
          "nn.functional.celu",
          "nn.functional.cross_entropy",
          "nn.functional.elu",
          "nn.functional.embedding",
          "nn.functional.gaussian_nll_loss",
          "nn.functional.gelu",
          "nn.functional.glu",
          "nn.functional.group_norm",
          "nn.functional.hardsigmoid",
          "nn.functional.hardswish",
          "nn.functional.hardtanh",
          "nn.functional.hinge_embedding_loss",
          "nn.functional.huber_loss",
          "nn.functional.instance_norm",
          "nn.functional.kl_div",
          "nn.functional.l1_loss",
          "nn.functional.layer_norm",
          "nn.functional.leaky_relu",
          "nn.functional.logsigmoid",
          "nn.functional.margin_ranking_loss",
          "nn.functional.mish",
          "nn.functional.mse_loss",
          "nn.functional.nll_loss",
          "nn.functional.poisson_nll_loss",
          "nn.functional.prelu",
          "nn.functional.relu",
          "nn.functional.relu6",
          "nn.functional.selu",
          "nn.functional.silu",
          "nn.functional.smooth_l1_loss",
          "nn.functional.soft_margin_loss",
          "nn.functional.softmin",
          "nn.functional.softplus",
          "nn.functional.softsign",
          "nn.functional.tanhshrink",
          "nn.functional.threshold",
          "nn.functional.triplet_margin_loss");

  static void addTo(Map<String, Replay> table) {}
}
