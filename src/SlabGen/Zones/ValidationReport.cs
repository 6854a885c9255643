namespace SlabGen;

/// <summary>
/// What a walk over a cache or a runtime found wrong with the allocator's own records (the
/// kernel's <c>validate_slab_cache</c>).
/// </summary>
public sealed class ValidationReport
{
    /// <summary>The most violations that are described; the others are only counted.</summary>
    public const int MostMessages = 16;

    private readonly List<string> _messages = [];

    internal ValidationReport()
    {
    }

    /// <summary>Invariants that do not hold.</summary>
    public long Violations { get; private set; }

    /// <summary>The first of them, in words.</summary>
    public IReadOnlyList<string> Messages => _messages;

    /// <summary>Whether all is well.</summary>
    public bool IsClean => Violations == 0;

    /// <summary>What is looked at now: messages begin with it.</summary>
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

    /// <summary>Counts a violation if a number is not what it must be.</summary>
    /// <param name="where">The address of the thing whose number it is; 0 for the subject as a whole.</param>
    /// <param name="what">The number.</param>
    /// <param name="found">What it is.</param>
    /// <param name="expected">What it must be.</param>
    internal void Expect(nint where, string what, long found, long expected)
    {
        if (found != expected)
        {
            Add($"{(where == 0 ? "" : $"0x{where:x}: ")}{what}: found {found}, expected {expected}");
        }
    }
}
