// SPDX-License-Identifier: Apache-2.0
package uicclab.kernels;

/** Work of one kind each, the same on a card and on a Java virtual machine. Arrays come from outside: on a card they are transient ones. */
public class Kernels {
  public static final byte COUNT = 8;
  static Shape shape;
  static Node first;

  /** What all rounds of a kernel compute. Kernels: loops, arrays, calls, fields, switches, exceptions, allocation, sieve. */
  public static short run(byte kernel, short rounds, byte[] bytes, short[] shorts) {
    short result = 0;
    if (shape == null) {
      shape = new Square((short) 3);
      first = new Node(new Node(null));
    }
    for (short round = 0; round < rounds; round++) {
      switch (kernel) {
        case 0:
          result ^= loops(round);
          break;
        case 1:
          result ^= arrays(round, bytes, shorts);
          break;
        case 2:
          result ^= calls(round);
          break;
        case 3:
          result ^= fields(first);
          break;
        case 4:
          result ^= switches(round);
          break;
        case 5:
          result ^= exceptions(round);
          break;
        case 6:
          result ^= allocation(round);
          break;
        default:
          result ^= sieve(bytes);
          break;
      }
    }
    return result;
  }

  static short loops(short seed) {
    short sum = seed;
    for (short i = 0; i < 200; i++) {
      sum = (short) (sum * 5 + i);
      if ((sum & 4) != 0) sum = (short) (sum ^ 0x55);
      sum = (short) (sum - (i >> 1));
    }
    return sum;
  }

  static short arrays(short seed, byte[] bytes, short[] shorts) {
    short sum = seed;
    for (short i = 0; i < 100; i++) {
      shorts[i] = (short) (shorts[i] + i);
      bytes[i] = (byte) sum;
      sum = (short) (sum + bytes[i] + shorts[(short) (99 - i)]);
    }
    return sum;
  }

  static short fibonacci(short n) {
    if (n < 2) return n;
    return (short) (fibonacci((short) (n - 1)) + fibonacci((short) (n - 2)));
  }

  static short calls(short seed) {
    short sum = fibonacci((short) 8);
    Shape one = shape;
    for (short i = 0; i < 20; i++) {
      sum = (short) (sum + one.area(i));
      sum = (short) (sum + one.twice(seed));
    }
    return sum;
  }

  /** Mostly read, as in applets: what is written here is written into a card's memory. */
  static short fields(Node node) {
    short sum = 0;
    for (short i = 0; i < 50; i++) {
      sum = (short) (sum + node.number + node.next.number);
      if (node.next.next == null) sum = (short) (sum + node.next.size());
      if ((i & 15) == 0) node.number = i;
    }
    return sum;
  }

  static short dense(short value) {
    switch (value) {
      case 0:
        return 5;
      case 1:
        return 7;
      case 2:
        return 1;
      case 3:
        return 9;
      case 5:
        return 2;
      default:
        return 0;
    }
  }

  static short sparse(short value) {
    switch (value) {
      case 1:
        return 3;
      case 100:
        return 4;
      case 1000:
        return 5;
      case 30000:
        return 6;
      default:
        return 1;
    }
  }

  static short switches(short seed) {
    short sum = seed;
    for (short i = 0; i < 60; i++) {
      sum = (short) (sum + dense((short) (i & 7)));
      sum = (short) (sum + sparse((short) (i * 100)));
    }
    return sum;
  }

  static short thrower(short value) {
    if ((value & 1) == 0) return (short) (100 / (value & 2));
    return value;
  }

  static short exceptions(short seed) {
    short sum = seed;
    for (short i = 0; i < 40; i++) {
      try {
        sum = (short) (sum + thrower(i));
      } catch (ArithmeticException thrown) {
        sum++;
      }
    }
    return sum;
  }

  static short allocation(short seed) {
    short sum = seed;
    for (short i = 0; i < 10; i++) {
      Node node = new Node(null);
      sum = (short) (sum + node.number);
    }
    return sum;
  }

  static short sieve(byte[] composite) {
    short count = 0;
    for (short i = 0; i < 200; i++) composite[i] = 0;
    for (short i = 2; i < 200; i++) {
      if (composite[i] != 0) continue;
      count++;
      for (short k = (short) (i + i); k < 200; k = (short) (k + i)) composite[k] = 1;
    }
    return count;
  }
}

interface Shape {
  short area(short factor);

  short twice(short value);
}

class Square implements Shape {
  private short side;

  Square(short side) {
    this.side = side;
  }

  short times(short a, short b) {
    return (short) (a * b);
  }

  public short area(short factor) {
    return (short) (times(side, side) + factor);
  }

  public short twice(short value) {
    return (short) (value + value);
  }
}

class Node {
  short number;
  Node next;

  Node(Node next) {
    this.next = next;
  }

  short size() {
    return 2;
  }
}
