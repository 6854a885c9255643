using System.Diagnostics;
using System.Runtime.InteropServices;
using SharpFuzz;

namespace SlabGen.Fuzz;

/// <summary>
/// Looks for scripts that reach code which no script reached before, by mutation of those that did (as AFL does). SharpFuzz writes the counts of branches
/// into a copy of the library; no other program is needed.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int MapBytes = 1 << 16, MostBytes = 2000;

    private readonly byte* _map = (byte*)NativeMemory.AllocZeroed(MapBytes);
    private readonly byte[] _seen = new byte[MapBytes]; // bits: how often, by powers of two
    private readonly List<byte[]> _corpus = [];
    private readonly Random _random;

    private Coverage(int seed) => _random = new Random(seed);

    /// <summary>Runs this program once more, from a folder where the library counts its branches.</summary>
    /// <returns>Its exit code.</returns>
    public static int RunInstrumented(string seconds, string seed)
    {
        string folder = Directory.CreateTempSubdirectory("slabgen-fuzz").FullName;
        try
        {
            foreach (string file in Directory.GetFiles(AppContext.BaseDirectory))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            int types = Fuzzer.Instrument(Path.Combine(folder, "SlabGen.dll"), static _ => true, Options.Value).Count();
            Console.WriteLine($"{types} types count their branches");
            using Process child = Process.Start(new ProcessStartInfo("dotnet", ["exec", Path.Combine(folder, "SlabGen.Fuzz.dll"), "guided", seconds, seed]))!;
            child.WaitForExit();
            return child.ExitCode;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>In the folder of <see cref="RunInstrumented"/>.</summary>
    public static void Run(double seconds, int seed)
    {
        var coverage = new Coverage(seed);
        SharpFuzz.Common.Trace.SharedMem = coverage._map; // before anything of the library runs
        coverage.Loop(seconds);
    }

    private void Loop(double seconds)
    {
        long scripts = 0;
        var time = Stopwatch.StartNew();
        for (; time.Elapsed.TotalSeconds < seconds; scripts++)
        {
            byte[] script = _corpus.Count == 0 || _random.Next(10) == 0 ? Random() : Mutated();
            new Span<byte>(_map, MapBytes).Clear();
            Scripts.Run(script);
            if (IsNew())
            {
                _corpus.Add(script);
            }
        }

        Console.WriteLine($"{scripts} scripts, {_corpus.Count} of them reached something new; {_seen.Count(bits => bits != 0)} branches");
    }

    private bool IsNew()
    {
        bool isNew = false;
        for (int i = 0; i < MapBytes; i++)
        {
            if (_map[i] != 0)
            {
                byte bit = (byte)(1 << Math.Min(7, (int)Math.Log2(_map[i])));
                isNew |= (_seen[i] & bit) == 0;
                _seen[i] |= bit;
            }
        }

        return isNew;
    }

    private byte[] Random()
    {
        byte[] script = new byte[_random.Next(20, MostBytes)];
        _random.NextBytes(script);
        return script;
    }

    private byte[] Mutated()
    {
        List<byte> script = [.. _corpus[_random.Next(_corpus.Count)]];
        for (int i = 1 + _random.Next(8); i > 0 && script.Count > 0; i--)
        {
            int at = _random.Next(script.Count);
            switch (_random.Next(5))
            {
                case 0:
                    script[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    script[at] += (byte)(_random.Next(2) == 0 ? 1 : 255);
                    break;
                case 2:
                    script.RemoveRange(at, Math.Min(_random.Next(1, 20), script.Count - at));
                    break;
                case 3:
                    byte[] more = new byte[_random.Next(1, 20)];
                    _random.NextBytes(more);
                    script.InsertRange(at, more);
                    break;
                default:
                    byte[] other = _corpus[_random.Next(_corpus.Count)];
                    script.RemoveRange(at, script.Count - at);
                    script.AddRange(other.AsSpan(_random.Next(other.Length)));
                    break;
            }
        }

        return [.. script.Take(MostBytes)];
    }
}
