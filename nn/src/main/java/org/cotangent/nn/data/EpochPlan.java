package org.cotangent.nn.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.cotangent.autograd.Rng;

/// What an epoch yields. Each batch is made independently of the others, by any thread.
///
/// @param order the numbers of the samples
/// @param count the number of batches
/// @param random whose children are the generators of the samples, by their places in the order
record EpochPlan(
    Dataset dataset,
    int[] order,
    int batchSize,
    int count,
    long epoch,
    Rng random,
    Transform transform) {

  Batch batch(int k) {
    int start = k * batchSize;
    int stop = Math.min(start + batchSize, order.length);
    List<Rng> ofSamples = new ArrayList<>(stop - start);
    for (int place = start; place < stop; place++) {
      ofSamples.add(random.child(place));
    }
    return transform.apply(dataset.batch(Arrays.copyOfRange(order, start, stop)), ofSamples);
  }
}
