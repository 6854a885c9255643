namespace SlabGen.Fuzz;

/// <summary>The allocator did what the model says it must not.</summary>
public sealed class FuzzException(string message) : Exception(message)
{
    public static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FuzzException(what);
        }
    }

    public static void Equal<T>(T expected, T actual, string what) =>
        Require(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, found {actual}.");
}
