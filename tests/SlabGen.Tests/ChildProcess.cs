using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace SlabGen.Tests;

/// <summary>
/// This program once more, in a process of its own with limits of its own: it uses the default runtime, says what that has, and ends before
/// any test runs.
/// </summary>
internal static class ChildProcess
{
    private const string Variable = "SLABGEN_TEST_CHILD";

    /// <summary>Its value where the child is to take handles while addresses are short, and again when they are not.</summary>
    public const string TakesHandles = "handles";

    /// <summary>Whether this process is one.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>The limit of the child's default runtime, and how many blocks of 1 MiB it could write to; fails when the child does.</summary>
    /// <param name="limits">Commands of the shell, before the program.</param>
    /// <param name="variables">Environment variables.</param>
    public static (long Limit, int Blocks) Run(string limits, params (string Name, string Value)[] variables) => Run("1", limits, variables);

    /// <summary>How many handles the child got while addresses were short, and how many afterwards.</summary>
    public static (long Short, int Later) TakeHandles() => Run(TakesHandles, "");

    private static (long First, int Second) Run(string what, string limits, params (string Name, string Value)[] variables)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessPath is not null, "starts this program by a shell of Linux");
        var start = new ProcessStartInfo("/bin/sh", ["-c", limits + " exec \"$0\"", Environment.ProcessPath!])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Variable] = what;
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        Assert.True(child.ExitCode == 0, $"exit code {child.ExitCode}: {output}{errors.GetAwaiter().GetResult()}");
        string[] words = output.Trim().Split(' ');
        return (long.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture));
    }

    [ModuleInitializer]
    internal static void BeChild()
    {
        if (!IsChild)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable(Variable) == TakesHandles)
        {
            (long few, int later) = ShortOfAddresses.TakeHandles();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{few} {later}"));
            Environment.Exit(0);
        }

        int blocks = 0;
        for (; blocks < 300 && SlabRuntime.Default.Pages.TryAllocPages(GfpFlags.Kernel, 8, out PagePtr page); blocks++)
        {
            Unsafe.WriteUnaligned(ref AsByte(page.Address), 1L);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{SlabRuntime.Default.MemoryLimit} {blocks}"));
        Environment.Exit(0);

        static unsafe ref byte AsByte(nint address) => ref *(byte*)address;
    }
}
