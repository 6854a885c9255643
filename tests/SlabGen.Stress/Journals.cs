using System.Collections.Concurrent;

namespace SlabGen.Stress;

/// <summary>The journals of all threads at work.</summary>
internal sealed class Journals
{
    private readonly ConcurrentDictionary<Journal, bool> _open = new();
    private readonly ConcurrentDictionary<string, long> _steps = new();

    public Journal Open(string worker)
    {
        var journal = new Journal(worker);
        _open.TryAdd(journal, true);
        return journal;
    }

    /// <summary>Ends the journal of a worker of a scenario.</summary>
    public void Close(Journal journal, string scenario)
    {
        _steps.AddOrUpdate(scenario, journal.Steps, (_, before) => before + journal.Steps);
        Close(journal);
    }

    public void Close(Journal journal) => _open.TryRemove(journal, out _);

    /// <summary>What was done by the workers of each scenario that have ended.</summary>
    public IReadOnlyDictionary<string, long> Steps => _steps;

    /// <summary>Those who have done nothing for so long.</summary>
    public List<Journal> Hanging(double seconds)
    {
        long now = Environment.TickCount64;
        var hanging = new List<Journal>();
        foreach (Journal journal in _open.Keys)
        {
            if (journal.Steps != journal.Seen.Steps)
            {
                journal.Seen = (journal.Steps, now);
            }
            else if (now - journal.Seen.Since > seconds * 1000)
            {
                hanging.Add(journal);
            }
        }

        return hanging;
    }

    public override string ToString() => string.Join(Environment.NewLine, _open.Keys.Select(journal => $"  {journal}").Order(StringComparer.Ordinal));
}
