// SPDX-License-Identifier: Apache-2.0
package uicclab.language;

/** Classes, interfaces, fields of every kind, nested classes. */
class Objects {
  interface Shape {
    byte SIDES = 4;

    short area();
  }

  interface Named extends Shape {
    short name(byte letter);
  }

  /** Leaves a method of its interface to its subclasses. */
  abstract static class Figure implements Named {
    protected short width;
    boolean open;
    private byte[] data;
    public Object owner;
    short height = 3;

    Figure(short width) {
      this.width = width;
      data = new byte[] {1, 2, (byte) width};
    }

    public short name(byte letter) {
      return (short) (letter + data[2] + hidden());
    }

    private short hidden() {
      return data[1];
    }

    short visible() {
      return 11;
    }

    protected abstract short scale(short by);

    public short both() {
      return (short) (area() + visible());
    }
  }

  static class Box extends Figure {
    private static short made;
    final byte depth;

    Box(short width, byte depth) {
      super(width);
      this.depth = depth;
      made++;
    }

    Box() {
      this((short) 2, (byte) 3);
    }

    public short area() {
      return (short) (width * height);
    }

    /** Package-visible above, public here. */
    public short visible() {
      return (short) (super.visible() + depth);
    }

    protected short scale(short by) {
      width *= by;
      height += by;
      open = !open;
      return width;
    }

    public boolean equals(Object other) {
      return other instanceof Box && ((Box) other).width == width;
    }
  }

  static final class Cube extends Box {
    public short area() {
      return (short) (super.area() * 6);
    }

    public short both() {
      return (short) (super.both() + SIDES);
    }
  }

  /** Knows the object around it. */
  class Inner {
    short value = 5;

    short sum() {
      return (short) (value + field);
    }
  }

  private short field = 9;
  private Shape[] shapes = new Shape[3];

  private short secret(short a) {
    return (short) (a + field);
  }

  static short virtuals(short a, short b) {
    Figure box = new Box(a, (byte) b);
    Figure cube = new Cube();
    short result = box.area();
    result += cube.area();
    result ^= box.visible();
    result += cube.both();
    result += box.scale(b);
    result ^= box.name((byte) 'x');
    result += Box.made;
    if (box.open) result++;
    if (box.equals(cube)) result += 3;
    if (box.equals(null)) result += 5;
    box.owner = cube;
    if (box.owner == cube && box.owner != null && cube.owner == null) result += 9;
    return result;
  }

  static short interfaces(short a, short b) {
    Objects one = new Objects();
    one.shapes[0] = new Box(a, (byte) 1);
    one.shapes[1] = new Cube();
    final short base = b;
    one.shapes[2] =
        new Shape() {
          short calls;

          public short area() {
            return (short) (base + ++calls);
          }
        };
    short result = 0;
    for (short i = 0; i < one.shapes.length; i++) {
      Shape shape = one.shapes[i];
      result += shape.area();
      result *= 3;
      if (shape instanceof Named) result += ((Named) shape).name((byte) i);
    }
    one.field += a;
    Inner inner = one.new Inner2();
    inner.value--;
    return (short) (result + inner.sum() + one.secret(b));
  }

  class Inner2 extends Inner {
    short sum() {
      return (short) (super.sum() + secret((short) 1));
    }
  }

  static short casts(short a, short b) {
    Object[] things = {new byte[1], new short[2], new boolean[3], new Box(), new Shape[4], null};
    Object thing = things[(a & 0x7FFF) % 6];
    short result = 0;
    if (thing instanceof byte[]) result = 1;
    if (thing instanceof short[]) result = 2;
    if (thing instanceof boolean[]) result = 3;
    if (thing instanceof Shape) result = 4;
    if (thing instanceof Object[]) result = 5;
    if (thing instanceof Shape[]) result += 10;
    try {
      result += ((byte[]) thing).length;
    } catch (ClassCastException e) {
      result += 100;
    } catch (NullPointerException e) {
      result += 200;
    }
    return (short) (result + b);
  }
}
