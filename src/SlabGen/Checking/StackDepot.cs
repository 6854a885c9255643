using SlabGen.Memory;

namespace SlabGen.Checking;

/// <summary>
/// The stacks of the process that tracks refer to, each once: the kernel's <c>stackdepot</c>. It keeps so many at most,
/// and none goes. Further ones are not kept, and a track says so.
/// </summary>
/// <remarks>Everything is under the lock, a leaf.</remarks>
internal static class StackDepot
{
    /// <summary>The most stacks, some 8 MiB of text.</summary>
    public const int Most = 8192;

    private const string NoRoom = "\n   (the stack is not kept: there are too many different ones)";

    private static readonly UninterruptibleLock s_lock = new();
    private static readonly Dictionary<string, int> s_numbers = new(StringComparer.Ordinal);
    private static readonly List<string> s_texts = [NoRoom];

    /// <summary>The number of a stack, which is kept from now on if there is room.</summary>
    public static int Add(string text)
    {
        using (s_lock.Hold())
        {
            if (!s_numbers.TryGetValue(text, out int number) && s_texts.Count < Most)
            {
                number = s_texts.Count;
                s_texts.Add(text);
                s_numbers.Add(text, number);
            }

            return number;
        }
    }

    /// <summary>The stack of a number; null if there is none.</summary>
    public static string? Find(int number)
    {
        using (s_lock.Hold())
        {
            return (uint)number < (uint)s_texts.Count ? s_texts[number] : null;
        }
    }
}
