using System.Globalization;
using System.Text.Json.Nodes;

namespace SlabGen.Benchmarks.Jit;

/// <summary><c>jit</c>: the machine code of the generated <c>Alloc</c> and <c>Free</c> at tier 1.</summary>
internal static class JitCommand
{
    public const string ChildCommand = "jit-child";

    private const int MostQuietRounds = 64; // a quarter of a minute

    public static void Run(Options options)
    {
        (string text, IReadOnlyList<JitListing> listings) = Disassemble();
        if (options.Json)
        {
            Console.WriteLine(ToJson(listings));
            return;
        }

        Console.WriteLine(text);
        foreach (JitListing listing in listings)
        {
            IReadOnlyList<Instruction> straight = listing.StraightPath();
            Console.WriteLine($"{listing.Method}, {listing.Tier}");
            Console.WriteLine($"  straight path: {straight.Count} instructions, {straight.Count(instruction => instruction.IsCall)} calls, {straight.Count(instruction => instruction.IsLocked)} locks");
            Console.WriteLine($"  whole method:  {listing.Instructions.Count} instructions, {listing.Locks.Count()} locks, calls:");
            foreach (Instruction call in listing.Calls)
            {
                Console.WriteLine($"    {call.Operands}{(straight.Contains(call) ? "   (straight path)" : "")}");
            }

            Console.WriteLine();
        }
    }

    private static JsonArray ToJson(IReadOnlyList<JitListing> listings) =>
        [.. listings.Select(listing => (JsonNode)new JsonObject
        {
            ["method"] = FastPath.AllMethods.First(method => listing.Method.Contains($"{nameof(FastPath)}:{method}(", StringComparison.Ordinal)),
            ["tier"] = listing.Tier,
            ["straightPath"] = listing.StraightPath().Count,
            ["straightCalls"] = listing.StraightPath().Count(instruction => instruction.IsCall),
            ["locks"] = listing.Locks.Count(),
            ["calls"] = new JsonArray([.. listing.Calls.Select(call => (JsonNode?)call.Operands)]),
        })];

    /// <summary>
    /// The fast path's listings, from a process of its own. Where a machine is so busy that the JIT's thread had no turn while that process waited, from
    /// one that waits longer.
    /// </summary>
    /// <returns>The JIT's text of them, and what it says: one listing for each of <see cref="FastPath.AllMethods"/>.</returns>
    public static (string Text, IReadOnlyList<JitListing> Listings) Disassemble()
    {
        for (int quietRounds = 2; ; quietRounds *= 2)
        {
            (string text, IReadOnlyList<JitListing> listings) = Disassemble(quietRounds);
            if (listings.Count >= FastPath.AllMethods.Count || quietRounds >= MostQuietRounds)
            {
                return (text, listings);
            }
        }
    }

    private static (string Text, IReadOnlyList<JitListing> Listings) Disassemble(int quietRounds)
    {
        string file = Path.GetTempFileName();
        try
        {
            SelfProcess.Run([ChildCommand, quietRounds.ToString(CultureInfo.InvariantCulture)], new Dictionary<string, string>
            {
                ["DOTNET_JitDisasm"] = string.Join(' ', FastPath.AllMethods.Select(method => $"*{nameof(FastPath)}:{method}")),
                ["DOTNET_JitStdOutFile"] = file,
            });

            string[] tierOne = [.. ReadMethods(File.ReadAllText(file)).Where(method => JitListing.Parse(method)[0].Tier.StartsWith("Tier1", StringComparison.Ordinal))];
            return (string.Concat(tierOne), [.. tierOne.Select(method => JitListing.Parse(method)[0])]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> ReadMethods(string text)
    {
        const string Header = "; Assembly listing for method ";
        return text.Split(Header, StringSplitOptions.RemoveEmptyEntries)
            .Where(method => method.Contains('\n'))
            .Select(method => Header + method)
            .Where(method => JitListing.Parse(method).Count == 1);
    }
}
