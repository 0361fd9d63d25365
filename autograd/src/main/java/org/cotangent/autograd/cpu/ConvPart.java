package org.cotangent.autograd.cpu;

/// What one thread works on at a time: some channels of one group and some output rows of some
/// images. If there are several images, then all rows of each.
///
/// @param group which
/// @param channel the first of the group's input channels
/// @param channels how many
/// @param image the first
/// @param images how many
/// @param row the first row of the output
/// @param rows how many
record ConvPart(int group, int channel, int channels, int image, int images, int row, int rows) {}
