namespace KeyValueServer.Measuring;
internal static class Comparison { public static int Run(Options options) => options.Keys; }
