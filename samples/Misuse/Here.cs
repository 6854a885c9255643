using SlabGen;

namespace Misuse;

/// <summary>Makes one mistake in this process, and says when it was found.</summary>
internal static class Here
{
    /// <summary>The start of the last line: what follows is when.</summary>
    public const string Found = "=> ";

    public static void Make(Mistake mistake, Mode mode)
    {
        var runtime = new SlabRuntime(mode.Options);
        string when = runtime.GuardRefusal is { } refusal ? $"not here: {refusal}" : Make(mistake, runtime);
        Console.WriteLine(Found + when);
    }

    private static string Make(Mistake mistake, SlabRuntime runtime)
    {
        KmemCache orders = runtime.CreateCache<Order>("orders"), trades = runtime.CreateCache<Order>("trades");
        return IsTold(() => mistake.Make(orders, trades)) ? "at the call"
            : IsTold(() => runtime.Shrink()) ? "when magazines are emptied"
            : IsTold(runtime.Close) ? "at the end"
            : "not found";
    }

    private static bool IsTold(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (Exception e) when (e is SlabException or InvalidOperationException)
        {
            Console.WriteLine($"{e.GetType().Name}: {e.Message}");
            if (e is SlabException { Report.Text: { } text }
                && !e.Message.Contains(text.Trim(), StringComparison.Ordinal))
            {
                Console.WriteLine(text);
            }

            return true;
        }
    }
}
