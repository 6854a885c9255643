using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Memory;

/// <summary>
/// Proves that the kernel's word about a thread is understood: one that rests is seen to sleep, one that computes or is
/// parked by a collection never is. Catches a .NET whose signal handler does not block its signal, on which revocation rests.
/// </summary>
public sealed partial class KernelThreadTests
{
    public KernelThreadTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "It is about Linux.");

    [Theory]
    [InlineData("native poll")]
    [InlineData("native sleep")]
    [InlineData("managed wait")]
    [InlineData("pool thread at rest")]
    public void A_thread_at_rest_is_seen_to_sleep(string rest)
    {
        KernelThread? kernel = null;
        using var end = new ManualResetEvent(false);
        using var known = new ManualResetEvent(false);
        void Body()
        {
            Volatile.Write(ref kernel, KernelThread.OfCurrent());
            known.Set();
            switch (rest)
            {
                case "native poll":
                    _ = Poll(0, 0, 60_000);
                    break;
                case "native sleep":
                    _ = Sleep(900_000);
                    _ = Sleep(900_000);
                    break;
                case "managed wait":
                    end.WaitOne();
                    break;
                default: // returns to the pool
                    break;
            }
        }

        if (rest == "pool thread at rest")
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => Body(), null);
        }
        else
        {
            new Thread(Body) { IsBackground = true }.Start();
        }

        known.WaitOne();
        Assert.NotNull(kernel);
        Assert.True(SpinWait.SpinUntil(() => Sees(kernel), TimeSpan.FromSeconds(60)), "It is never seen to sleep.");
        end.Set();

        static bool Sees(KernelThread kernel)
        {
            Thread.Sleep(1);
            return kernel.SleepsInSystemCall() && kernel.SleepsInSystemCall(); // the second time by what is known of the sleep
        }
    }

    [Fact]
    public void A_thread_that_computes_never_sleeps_and_gets_on()
    {
        using var spinner = new Spinner();
        Assert.True(SpinWait.SpinUntil(() => spinner.Kernel.TryReadWork(out _), 60_000));
        spinner.Kernel.TryReadWork(out KernelWork first);
        Assert.False(first.IsFarBeyond(first));
        bool slept = false;
        Assert.True(SpinWait.SpinUntil(() =>
        {
            slept |= spinner.Kernel.SleepsInSystemCall();
            Thread.Sleep(5);
            if (!spinner.Kernel.TryReadWork(out KernelWork now))
            {
                return false;
            }

            bool far = now.IsFarBeyond(first);
            first = now.Switches == first.Switches ? first : now;
            return far;
        }, 60_000), "It does not get on.");
        Assert.False(slept, "A thread that computes was taken for one that sleeps.");
    }

    /// <summary>Who asks may go on before those wake that the same collection parked.</summary>
    [Fact]
    public void Threads_that_collections_park_are_never_seen_to_sleep()
    {
        Spinner[] spinners = [.. Enumerable.Range(0, 4).Select(_ => new Spinner())];
        var threads = new TestThreads();
        long deadline = Environment.TickCount64 + ((long)TestThreads.StressTime.TotalMilliseconds / 4);
        threads.Start(() =>
        {
            while (Environment.TickCount64 < deadline)
            {
                GC.Collect(0);
            }
        });
        int asked = 0, slept = 0;
        while (Environment.TickCount64 < deadline)
        {
            slept += spinners[asked++ % spinners.Length].Kernel.SleepsInSystemCall() ? 1 : 0;
        }

        threads.Join();
        Array.ForEach(spinners, spinner => spinner.Dispose());
        Assert.True(slept == 0, $"{slept} of {asked} times a thread that never rests was taken for one that sleeps.");
    }

    [Fact]
    public void A_thread_that_is_gone_sleeps_no_more()
    {
        KernelThread? kernel = null;
        var thread = new Thread(() => kernel = KernelThread.OfCurrent());
        thread.Start();
        thread.Join();
        Assert.NotNull(kernel);
        Assert.True(SpinWait.SpinUntil(() => !kernel.SleepsInSystemCall() && !kernel.TryReadWork(out _), 60_000));
    }

    /// <summary>Seen from outside: the asker would be stopped by the same collection.</summary>
    [Fact]
    public async Task A_thread_that_a_collection_parks_has_the_signal_of_its_handler_blocked()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "There is no shell to look from.");
        using var spinner = new Spinner();
        object[] heap = new object[400_000];
        for (int i = 0; i < heap.Length; i++)
        {
            heap[i] = new object[2];
        }

        string status = $"/proc/{Environment.ProcessId}/task/{spinner.KernelId}/status";
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", $"i=0; while [ $i -lt 300 ]; do while read -r key value; do case $key in State:|SigBlk:|SigCgt:) echo \"$key $value\";; esac; done < {status}; i=$((i+1)); done" },
            RedirectStandardOutput = true,
        })!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        long deadline = Environment.TickCount64 + 60_000;
        while (!output.IsCompleted && Environment.TickCount64 < deadline)
        {
            GC.Collect();
        }

        GC.KeepAlive(heap);
        if (!output.IsCompleted)
        {
            shell.Kill();
        }

        string[] lines = (await output).Split('\n');
        int parked = 0;
        for (int i = 0; i + 2 < lines.Length; i += 3)
        {
            // Not one moment: the thread may wake between two lines, so most of them count, not each.
            if (lines[i].StartsWith("State: S", StringComparison.Ordinal))
            {
                ulong blocked = Mask(lines[i + 1]), caught = Mask(lines[i + 2]);
                parked += (blocked & caught & (1UL << (RealTimeSignal() - 1))) != 0 ? 1 : -1;
            }
        }

        Assert.True(parked > 0, string.Join('\n', lines.Take(60)));
    }

    [Fact]
    public unsafe void The_runtimes_handler_blocks_its_own_signal_while_it_runs()
    {
        // struct sigaction of 64-bit glibc and musl: the handler, 128 bytes of mask, the flags.
        Assert.SkipUnless(Environment.Is64BitProcess, "Another layout.");
        const int Flags = 136, NoDefer = 0x40000000;
        byte* action = stackalloc byte[256];
        Assert.Equal(0, SignalAction(RealTimeSignal(), 0, action));
        Assert.True(*(nint*)action > 1, "The runtime has no handler for the signal that it suspends threads by.");
        Assert.Equal(0, *(int*)(action + Flags) & NoDefer);
    }

    private static ulong Mask(string line) => ulong.Parse(line.AsSpan(line.IndexOf(' ') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(nint files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int Sleep(uint microseconds);

    [LibraryImport("libc", EntryPoint = "__libc_current_sigrtmin")]
    private static partial int RealTimeSignal();

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static unsafe partial int SignalAction(int signal, nint action, byte* old);

    /// <summary>A thread that computes, in a loop that a collection can stop anywhere.</summary>
    private sealed class Spinner : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _end; // the loop calls nothing: the return of a call could be where a collection stops it
        private long _sum;

        public Spinner()
        {
            using var known = new ManualResetEvent(false);
            _thread = new Thread(() =>
            {
                KernelId = Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget!);
                Kernel = KernelThread.OfCurrent()!;
                known.Set();
                while (!_end)
                {
                    _sum = (_sum * 3) + 1;
                }
            })
            { IsBackground = true };
            _thread.Start();
            known.WaitOne();
        }

        public KernelThread Kernel { get; private set; } = null!;

        public string KernelId { get; private set; } = "";

        public void Dispose()
        {
            _end = true;
            _thread.Join();
        }
    }
}
