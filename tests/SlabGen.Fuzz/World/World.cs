using System.Globalization;
using System.Text;
using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

/// <summary>
/// A runtime and a model of it, to which a script of bytes does anything that the public interface permits, and much that it refuses.
/// Whatever is done in whatever order: what the script holds lies apart and keeps its contents; counts are those of the model; what is refused
/// is refused by the exception that the documentation names; every invariant holds; and at the end all memory is back.
/// </summary>
public sealed partial class World : IDisposable
{
    private const int MostCaches = 4, MostSteps = 400;

    /// <summary>Where steps go as they are done: a process that dies shows what it did last.</summary>
    private static readonly StreamWriter? s_trace =
        Environment.GetEnvironmentVariable("SLABGEN_FUZZ_TRACE") is { Length: > 0 } path ? new StreamWriter(path) { AutoFlush = true } : null;

    private readonly ScriptReader _script;
    private readonly StringBuilder _log = new();
    private readonly SlabRuntimeOptions _options;
    private readonly SlabRuntime _runtime;
    private readonly SlabAccount _account;
    private readonly List<FuzzCache> _caches = [];
    private int _thread = Environment.CurrentManagedThreadId; // the one that runs steps
    private bool _refuses; // whether faults are injected
    private string _step = "start";

    private World(ScriptReader script)
    {
        _script = script;
        _options = Modes.Runtime(script);
        _account = new SlabAccount("account", script.Any(1L << 20, 128 << 10));
        _runtime = new SlabRuntime(_options);
        Note($"limit {_options.MemoryLimit}, checked {_options.Checked}, {_runtime.Pages.NodeCount} node(s), high {_options.HighMem.Bytes}, random {_options.RandomAddresses} {_options.RandomReuse}, zero {_options.ZeroOnFree}, stable {_options.TypeStable}, guards {_options.GuardPages}");
    }

    /// <summary>Runs a script from its first byte to its last. Whatever is thrown has the steps in its message.</summary>
    /// <exception cref="FuzzException">Something is not as it must be.</exception>
    public static void Run(byte[] bytes)
    {
        using var world = new World(new ScriptReader(bytes));
        try
        {
            for (int step = 0; step < MostSteps && !world._script.IsAtEnd; step++)
            {
                world.Step();
            }

            world.End();
        }
        catch (Exception e)
        {
            throw new FuzzException($"{e.GetType().Name} in '{world._step}': {e.Message}{Environment.NewLine}{world._log}{Environment.NewLine}{e.StackTrace}");
        }
    }

    /// <summary>After a failure memory stays mapped where objects are live, and nothing is said of them.</summary>
    public void Dispose() => _runtime.Dispose();

    private void Step()
    {
        switch (_script.Below(34))
        {
            case 0 or 1:
                MakeCache();
                break;
            case 2 or 3 or 4 or 5 or 6:
                WithCache(AllocOne);
                break;
            case 7 or 8 or 9 or 10:
                WithCache(FreeOne);
                break;
            case 11:
                WithCache(AllocSeveral);
                break;
            case 12:
                WithCache(FreeSeveral);
                break;
            case 13:
                WithCache(ShrinkOrMove);
                break;
            case 14:
                WithCache(ByHandle);
                break;
            case 15:
                WithCache(OwnOrBuffer);
                break;
            case 16:
                WithCache(Reserve);
                break;
            case 17:
                WithCache(UsePool);
                break;
            case 18:
                WithCache(Misuse);
                break;
            case 19:
                WithCache(ResetOrDestroy);
                break;
            case 20 or 21 or 22:
                AllocBlock();
                break;
            case 23 or 24:
                FreeBlock();
                break;
            case 25:
                Resize();
                break;
            case 26:
                BlocksInBulk();
                break;
            case 27 or 28:
                UsePages();
                break;
            case 29:
                OnAnotherThread();
                break;
            case 30:
                OfRuntime();
                break;
            case 31:
                InjectFaults();
                break;
            case 32:
                SayNonsense();
                break;
            default:
                UseGenerated();
                break;
        }
    }

    private void WithCache(Action<FuzzCache> action)
    {
        if (_caches.Count == 0)
        {
            MakeCache();
        }

        if (_caches.Count > 0)
        {
            FuzzCache cache = _caches[_script.Below(_caches.Count)];
            action(cache);
            if (_caches.Contains(cache))
            {
                cache.CheckCount(_step);
            }
        }
    }

    /// <summary>What may find no memory. Then the script goes on.</summary>
    private bool Try(string what, Func<bool> action)
    {
        Note(what);
        try
        {
            return action();
        }
        catch (OutOfMemoryException)
        {
            Note("  out of memory");
            return false;
        }
    }

    /// <summary>What must be refused, by one of the exceptions for arguments or by that of the state.</summary>
    private void Refused<TException>(string what, Action action)
        where TException : Exception
    {
        Note(what);
        try
        {
            action();
        }
        catch (TException)
        {
            return;
        }

        throw new FuzzException($"'{what}' was not refused.");
    }

    private void Note(string step)
    {
        s_trace?.WriteLine(step);
        _step = step;
        _log.Append("  ").AppendLine(step);
    }

    private void Note(FormattableString step) => Note(step.ToString(CultureInfo.InvariantCulture));

    /// <summary>Some steps on a thread of its own, which ends behind them.</summary>
    private void OnAnotherThread()
    {
        Note("on another thread");
        Exception? error = null;
        int steps = 1 + _script.Below(8), before = _thread;
        var thread = new Thread(() =>
        {
            _thread = Environment.CurrentManagedThreadId;
            try
            {
                for (int i = 0; i < steps && !_script.IsAtEnd; i++)
                {
                    Step();
                }
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        thread.Start();
        thread.Join();
        _thread = before;
        Note("back");
        if (error is not null)
        {
            throw new FuzzException($"{error.GetType().Name}: {error.Message}{Environment.NewLine}{error.StackTrace}");
        }
    }

    private void End()
    {
        Note("end");
        _runtime.Faults.Clear();
        FreeGenerated();
        FreeBlocks();
        FreeAllPages();
        _caches.ForEach(cache => cache.FreeAll());
        Rcu.Barrier(); // blocks of whole pages that wait for readers count as live
        DestroyKmallocs();
        _caches.ForEach(cache => cache.CheckCount("at the end"));
        Note("validates");
        ValidationReport report = _runtime.Validate();
        Require(report.IsClean, report.ToString());
        _runtime.Shrink();
        Equal(0, _runtime.Pages.CountUserBytes(), "bytes of whole pages");
        foreach (KmemCache cache in _runtime.Caches)
        {
            CacheSnapshot snapshot = LiveCount.Read(_runtime, cache, 0, defers: true);
            Equal(0, snapshot.LiveObjects, $"live objects of {snapshot}");
        }

        Note("closes");
        Equal(0, _caches.Count == 0 ? 0 : _account.Used - _caches.Sum(cache => cache.Options.Account is null ? 0 : cache.Cache.Snapshot().Bytes), "bytes of the account");
        _runtime.Close(); // throws for what is live
        Equal(0, _account.Used, "bytes of the account at the end");
    }
}
