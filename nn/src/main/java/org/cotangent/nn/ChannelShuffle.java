package org.cotangent.nn;

import org.cotangent.autograd.Tensor;

/// Channels dealt out from group to group: see [Functional#channelShuffle].
public final class ChannelShuffle extends Module {
  private final int groups;

  /// So many groups.
  ///
  /// @throws IllegalArgumentException if it is below 1
  public ChannelShuffle(int groups) {
    Options.require(groups, 1, "ChannelShuffle: groups");
    this.groups = groups;
  }

  /// @throws IllegalArgumentException if the channels do not split into the groups
  @Override
  public Tensor forward(Tensor x) {
    return Functional.channelShuffle(x, groups);
  }

  @Override
  protected String details() {
    return "groups=" + groups;
  }
}
