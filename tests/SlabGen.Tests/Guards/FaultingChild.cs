using System.Diagnostics;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SlabGen.Tests.Guards;

/// <summary>This program once more, as a process that touches what it must not, and what it then writes.</summary>
internal static class FaultingChild
{
    private const string Variable = "SLABGEN_TEST_FAULT";

    /// <summary>What the child does, by name.</summary>
    private static readonly Dictionary<string, Action<SlabRuntime>> s_faults = new()
    {
        ["write-after-free"] = static runtime => Write(Freed(runtime), 0),
        ["read-after-free"] = static runtime => Console.WriteLine(Read(Freed(runtime), 8)),
        ["overflow"] = static runtime => WriteAll(Live(runtime), 1, 4097),
        ["underflow"] = static runtime => WriteAll(Live(runtime), -1, -4097),
        ["two-threads"] = FaultInTwoThreads,
        ["in-the-pool"] = static runtime => Task.Run(NewWriter<Action>(Freed(runtime))).Wait(),
        ["in-native-code"] = static runtime => MemorySet(Freed(runtime), 1, 64),
        ["null"] = NullReferencesAreCaught,
        ["foreign"] = static runtime =>
        {
            _ = runtime.Caches;
            Write(0x7f0000, 0); // far above the guards, and nothing lies there
        },
        ["deep"] = static runtime => Recurse(runtime, 0),
        ["none"] = static runtime => Write(Live(runtime), 0),
    };

    /// <summary>Runs the child and waits for its end.</summary>
    /// <param name="fault">What it does.</param>
    /// <param name="dumps">Where to put a small crash dump, or null for none.</param>
    public static (int ExitCode, string Output, string Errors) Run(string fault, string? dumps = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.ProcessPath is not null, "starts this program by a shell of Linux");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "ulimit -c 0; exec \"$0\"", Environment.ProcessPath!])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Variable] = fault;
        start.Environment["DOTNET_DbgEnableMiniDump"] = dumps is null ? "0" : "1";
        start.Environment["DOTNET_DbgMiniDumpType"] = "1";
        start.Environment["DOTNET_DbgMiniDumpName"] = dumps is null ? "" : Path.Combine(dumps, "core.%p");
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    [ModuleInitializer]
    internal static void BeChild()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } fault)
        {
            return;
        }

        var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 16 << 20, GuardSampling = new GuardSampling { Interval = TimeSpan.Zero } });
        if (runtime.GuardRefusal is { } refusal)
        {
            Console.WriteLine("refused: " + refusal);
            Environment.Exit(0);
        }

        Thread.CurrentThread.Name = "faulty";
        s_faults[fault](runtime);
        Console.WriteLine("survived");
        Environment.Exit(0);
    }

    private static nint Live(SlabRuntime runtime) => runtime.CreateCache("victims", 64, new SlabCacheOptions()).Alloc();

    private static nint Freed(SlabRuntime runtime)
    {
        KmemCache cache = runtime.CreateCache("victims", 64, new SlabCacheOptions());
        nint address = AllocVictim(cache);
        FreeVictim(cache, address);
        return address;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint AllocVictim(KmemCache cache) => cache.Alloc();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeVictim(KmemCache cache, nint address) => cache.Free(address);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void Write(nint address, int offset) => *(byte*)(address + offset) = 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe byte Read(nint address, int offset) => *(byte*)(address + offset);

    // To the object's own end and beyond, wherever on its page it lies.
    private static void WriteAll(nint address, int step, int end)
    {
        for (int i = 0; i != end; i += step)
        {
            Write(address, i);
        }
    }

    [DllImport("libc", EntryPoint = "memset")]
    private static extern nint MemorySet(nint address, int value, nuint bytes);

    private static void FaultInTwoThreads(SlabRuntime runtime)
    {
        nint address = Freed(runtime);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(NewWriter<ThreadStart>(address)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }

    // This module's own code would wait on other threads for the end of its initializer, in which the child runs.
    private static T NewWriter<T>(nint address)
        where T : Delegate
    {
        var method = new DynamicMethod("Write", null, null);
        ILGenerator code = method.GetILGenerator();
        code.Emit(OpCodes.Ldc_I8, (long)address);
        code.Emit(OpCodes.Conv_I);
        code.Emit(OpCodes.Ldc_I4_1);
        code.Emit(OpCodes.Stind_I1);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<T>();
    }

    private static void NullReferencesAreCaught(SlabRuntime runtime)
    {
        _ = Live(runtime);
        for (int i = 0; i < 100; i++)
        {
            try
            {
                Write(0, i);
                return;
            }
            catch (NullReferenceException)
            {
                // as it should
            }

            try
            {
                string? text = i < 0 ? "" : null;
                _ = text!.Length;
                return;
            }
            catch (NullReferenceException)
            {
                // as it should
            }
        }

        Console.WriteLine("caught");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Recurse(SlabRuntime runtime, long depth) => runtime.MemoryLimit == 1 ? depth : Recurse(runtime, depth + 1) + depth;
}
