using System.Collections.Concurrent;

namespace SlabGen.Stress;

/// <summary>The journals of all threads at work.</summary>
internal sealed class Journals
{
    private readonly ConcurrentDictionary<Journal, bool> _open = new();

    public Journal Open(string worker)
    {
        var journal = new Journal(worker);
        _open.TryAdd(journal, true);
        return journal;
    }

    public void Close(Journal journal) => _open.TryRemove(journal, out _);

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
