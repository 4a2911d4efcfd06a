// SPDX-License-Identifier: Apache-2.0
import uicclab.language.Language;

/** The cases of the language applet on a Java virtual machine: number, two operands, and the result or the exception, a line each. */
public class RunCases {
  private static final short[] OPERANDS = {0, 1, -1, 2, 3, 7, 100, 127, 128, -128, 255, 256, 1000, 4660, -4660, 27266, 32767, -32768, -28672};

  public static void main(String[] arguments) {
    for (byte number = 0; number <= Language.CASES; number++) {
      for (short a : OPERANDS) {
        for (short b : OPERANDS) System.out.println(number + " " + a + " " + b + " " + outcome(number, a, b));
      }
    }
  }

  private static String outcome(byte number, short a, short b) {
    try {
      return Short.toString(Language.run(number, a, b));
    } catch (Throwable thrown) {
      return thrown.getClass().getSimpleName();
    }
  }
}
