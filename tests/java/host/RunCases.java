// SPDX-License-Identifier: Apache-2.0
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** The cases of a class with run(number, a, b) on a Java virtual machine: number, two operands, and the result or the exception, a line each. */
public class RunCases {
  private static final short[] OPERANDS = {0, 1, -1, 2, 3, 7, 100, 127, 128, -128, 255, 256, 1000, 4660, -4660, 27266, 32767, -32768, -28672};

  public static void main(String[] arguments) throws Exception {
    Class<?> target = Class.forName(arguments[0]);
    Method run = target.getMethod("run", byte.class, short.class, short.class);
    byte cases = target.getField("CASES").getByte(null);
    for (byte number = 0; number <= cases; number++) {
      for (short a : OPERANDS) {
        for (short b : OPERANDS) System.out.println(number + " " + a + " " + b + " " + outcome(run, number, a, b));
      }
    }
  }

  private static String outcome(Method run, byte number, short a, short b) throws Exception {
    try {
      return run.invoke(null, number, a, b).toString();
    } catch (InvocationTargetException thrown) {
      return thrown.getCause().getClass().getSimpleName();
    }
  }
}
