// SPDX-License-Identifier: Apache-2.0
import uicclab.kernels.Kernels;

/** The kernels on a Java virtual machine: number, what is computed and nanoseconds of the processor for a round, a line each. With two arguments: only that
    kernel and that many rounds, once. */
public class TimeKernels {
  private static final byte[] BYTES = new byte[256];
  private static final short[] SHORTS = new short[128];

  public static void main(String[] arguments) {
    if (arguments.length == 2) {
      Kernels.run(Byte.parseByte(arguments[0]), Short.parseShort(arguments[1]), BYTES, SHORTS);
      return;
    }
    java.lang.management.ThreadMXBean clock = java.lang.management.ManagementFactory.getThreadMXBean();
    for (byte kernel = 0; kernel < Kernels.COUNT; kernel++) {
      java.util.Arrays.fill(BYTES, (byte) 0);
      java.util.Arrays.fill(SHORTS, (short) 0);
      short checksum = Kernels.run(kernel, (short) 7, BYTES, SHORTS);
      double best = Double.MAX_VALUE;
      for (int attempt = 0; attempt < 5; attempt++) {
        long begin = clock.getCurrentThreadCpuTime();
        for (int i = 0; i < 20; i++) Kernels.run(kernel, (short) 200, BYTES, SHORTS);
        best = Math.min(best, (clock.getCurrentThreadCpuTime() - begin) / 4000.0);
      }
      System.out.println(kernel + " " + checksum + " " + best);
    }
  }
}
