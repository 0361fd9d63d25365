package org.cotangent.autograd;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.cotangent.autograd.shape.Shape;

/// A structure whose leaves are tensors: a tensor, or a record, list, map or optional of
/// structures. Numbers, strings, truth values, enums and shapes in between stay as they are.
///
/// @param <T> the structure's type
final class Tree<T> {
  private final String what;
  private final T root;
  private final List<String> paths = new ArrayList<>();
  private final List<Tensor> leaves = new ArrayList<>();

  private Tree(String what, T root) {
    this.what = what;
    this.root = root;
    Object _ =
        walk(
            "",
            root,
            (path, t) -> {
              paths.add(path);
              leaves.add(t);
              return t;
            });
  }

  /// The tree of a structure, on behalf of the named function.
  ///
  /// @throws IllegalArgumentException if there is something in it that is no structure
  static <T> Tree<T> of(String what, T root) {
    return new Tree<>(what, root);
  }

  /// The tensors: of a record in the order of its components, of a map in the order of its keys.
  List<Tensor> leaves() {
    return Collections.unmodifiableList(leaves);
  }

  /// Where a leaf is, as one would write it: `.weight`, `[2]`, `.layers[0].bias`; empty for a
  /// single tensor.
  String path(int leaf) {
    return paths.get(leaf);
  }

  /// The same structure with other tensors.
  @SuppressWarnings("unchecked") // rebuilt as what it was: Tree.walk
  T with(List<Tensor> others) {
    Iterator<Tensor> next = others.iterator();
    return (T) walk("", root, (_, _) -> next.next());
  }

  /// The same structure with other tensors, each made of the one in its place.
  T map(UnaryOperator<Tensor> f) {
    return with(leaves.stream().map(f).toList());
  }

  /// The tensors of a structure like this one, in this one's order.
  ///
  /// @throws IllegalArgumentException if it has others
  List<Tensor> like(T other) {
    Tree<T> tree = of(what, other);
    if (!tree.paths.equals(paths)) {
      throw new IllegalArgumentException(
          "%s: tensors at %s where %s are expected; give one for each, in the same structure"
              .formatted(what, tree.paths, paths));
    }
    return tree.leaves();
  }

  private interface Visitor {
    Tensor visit(String path, Tensor leaf);
  }

  private Object walk(String path, Object node, Visitor v) {
    return switch (node) {
      case Tensor t -> v.visit(path, t);
      case List<?> list -> list(path, list, v);
      case Map<?, ?> map -> map(path, map, v);
      case Optional<?> o -> o.map(x -> walk(path, x, v));
      case Record r -> record(path, r, v);
      case Number _, CharSequence _, Boolean _, Character _, Enum<?> _, Shape _ -> node;
      default ->
          throw new IllegalArgumentException(
              "%s: a %s%s holds no tensors that could be found; use a Tensor, or a record, List or Map of them"
                  .formatted(
                      what, node.getClass().getSimpleName(), path.isEmpty() ? "" : " at " + path));
    };
  }

  private Object list(String path, List<?> list, Visitor v) {
    List<Object> out = new ArrayList<>();
    for (Object x : list) {
      out.add(walk(path + "[" + out.size() + "]", x, v));
    }
    return Collections.unmodifiableList(out);
  }

  /// Visited by sorted keys, so that equal maps are visited alike; rebuilt in the map's own order.
  private Object map(String path, Map<?, ?> map, Visitor v) {
    Map<Object, Object> values = new LinkedHashMap<>();
    for (Object key : sorted(path, map)) {
      values.put(key, walk(path + "." + key, inMap(map, key), v));
    }
    if (map instanceof SortedMap<?, ?>) {
      return Collections.unmodifiableNavigableMap(new TreeMap<>(values));
    }
    Map<Object, Object> out = new LinkedHashMap<>();
    map.keySet().forEach(key -> out.put(key, inMap(values, key)));
    return Collections.unmodifiableSequencedMap((LinkedHashMap<Object, Object>) out);
  }

  private static Object inMap(Map<?, ?> map, Object key) {
    Object value = map.get(key);
    if (value == null) {
      throw new IllegalStateException("the map changed while it was read");
    }
    return value;
  }

  private Object[] sorted(String path, Map<?, ?> map) {
    Object[] keys = map.keySet().toArray();
    try {
      Arrays.sort(keys);
    } catch (ClassCastException e) {
      throw new IllegalArgumentException(
          "%s: the keys of the map%s cannot be sorted; use strings or numbers"
              .formatted(what, path.isEmpty() ? "" : " at " + path),
          e);
    }
    return keys;
  }

  private Object record(String path, Record r, Visitor v) {
    RecordComponent[] components = r.getClass().getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < values.length; i++) {
        types[i] = components[i].getType();
        Object value = open(components[i].getAccessor()).invoke(r);
        values[i] = walk(path + "." + components[i].getName(), value, v);
      }
      Constructor<?> constructor = r.getClass().getDeclaredConstructor(types);
      return open(constructor).newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          "%s: the record %s does not take these tensors: %s"
              .formatted(what, r.getClass().getName(), e.getCause()),
          e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "%s: the record %s cannot be read; make it public in an exported package, or open its package to org.cotangent.autograd"
              .formatted(what, r.getClass().getName()),
          e);
    }
  }

  private static <A extends AccessibleObject> A open(A member) {
    boolean _ = member.trySetAccessible(); // if not, the call says so
    return member;
  }
}
