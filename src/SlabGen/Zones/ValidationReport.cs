namespace SlabGen;

/// <summary>
/// The faults that a walk over a cache or a runtime found in the allocator's own records (the kernel's
/// <c>validate_slab_cache</c>).
/// </summary>
public sealed class ValidationReport
{
    /// <summary>The most violations that are described. Further ones are only counted.</summary>
    public const int MostMessages = 16;

    private readonly List<string> _messages = [];

    internal ValidationReport()
    {
    }

    /// <summary>The number of invariants that do not hold.</summary>
    public long Violations { get; private set; }

    /// <summary>The first violations, in words.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>Whether no violation was found.</summary>
    public bool IsClean => Violations == 0;

    /// <summary>The thing under examination. Messages begin with it.</summary>
    internal string Subject { get; set; } = "";

    /// <inheritdoc/>
    public override string ToString() => IsClean
        ? "Every invariant holds."
        : $"{Violations} violation(s): {string.Join(" ", _messages)}{(Violations > _messages.Count ? " ..." : "")}";

    /// <summary>Counts a violation.</summary>
    internal void Add(string what)
    {
        if (++Violations <= MostMessages)
        {
            _messages.Add($"{Subject}: {what}.");
        }
    }

    /// <summary>Counts a violation if a number differs from its expected value.</summary>
    /// <param name="where">The address of the thing that has the number; 0 for the subject as a whole.</param>
    /// <param name="what">The name of the number.</param>
    /// <param name="found">Its value.</param>
    /// <param name="expected">Its expected value.</param>
    internal void Expect(nint where, string what, long found, long expected)
    {
        if (found != expected)
        {
            Add($"{(where == 0 ? "" : $"0x{where:x}: ")}{what}: found {found}, expected {expected}");
        }
    }
}
