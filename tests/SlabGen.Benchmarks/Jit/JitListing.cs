using System.Text.RegularExpressions;

namespace SlabGen.Benchmarks.Jit;

/// <summary>One method in the JIT's own listing (<c>DOTNET_JitDisasm</c>, which release runtimes have), on x64.</summary>
internal sealed partial class JitListing
{
    private readonly List<Instruction> _instructions = [];
    private readonly Dictionary<string, int> _labels = [];

    private JitListing(string method, string tier)
    {
        Method = method;
        Tier = tier;
    }

    /// <summary>The full name and signature.</summary>
    public string Method { get; }

    /// <summary><c>Tier0</c>, <c>Instrumented Tier0</c>, <c>Tier1</c>, <c>Tier1-OSR</c> ...</summary>
    public string Tier { get; }

    public IReadOnlyList<Instruction> Instructions => _instructions;

    public IEnumerable<Instruction> Calls => _instructions.Where(instruction => instruction.IsCall);

    /// <summary>Instructions that lock the bus: a prefix, or an exchange with memory, which needs none.</summary>
    public IEnumerable<Instruction> Locks => _instructions.Where(instruction => instruction.IsLocked);

    /// <summary>
    /// The way through the method when nothing is in the way: of all paths from the entry to a return the one with the
    /// fewest calls, and of those the shortest. Paths that end in a jump to another method do not count.
    /// </summary>
    /// <exception cref="InvalidOperationException">No path reaches a return.</exception>
    public IReadOnlyList<Instruction> StraightPath()
    {
        List<Instruction>? best = null;
        var paths = new Stack<(int Next, List<Instruction> Path)>([(0, [])]);
        while (paths.TryPop(out (int Next, List<Instruction> Path) at))
        {
            (int next, List<Instruction> path) = at;
            while (next < _instructions.Count)
            {
                Instruction instruction = _instructions[next++];
                if (path.Contains(instruction))
                {
                    break; // a loop: the shorter way leaves it
                }

                path.Add(instruction);
                if (instruction.IsReturn)
                {
                    best = best is null || Cost(path).CompareTo(Cost(best)) < 0 ? path : best;
                    break;
                }

                if (instruction.IsJump)
                {
                    bool isLabel = _labels.TryGetValue(instruction.Operands.Split(' ')[^1], out int target);
                    if (isLabel && instruction.IsConditional)
                    {
                        paths.Push((target, [.. path]));
                    }
                    else if (isLabel)
                    {
                        next = target;
                    }
                    else if (!instruction.IsConditional)
                    {
                        break; // a tail call
                    }
                }
            }
        }

        return best ?? throw new InvalidOperationException($"No path of {Method} reaches a return.");

        static (int Calls, int Instructions) Cost(List<Instruction> path) => (path.Count(instruction => instruction.IsCall), path.Count);
    }

    /// <summary>Reads the listings of all methods in a file that the JIT wrote.</summary>
    public static IReadOnlyList<JitListing> Parse(string text)
    {
        var listings = new List<JitListing>();
        foreach (string line in text.Split('\n').Select(line => line.TrimEnd()))
        {
            if (Header().Match(line) is { Success: true } header)
            {
                listings.Add(new JitListing(header.Groups["method"].Value, header.Groups["tier"].Value));
            }
            else if (listings.Count > 0)
            {
                listings[^1].Add(line);
            }
        }

        return listings;
    }

    /// <summary>Reads one method as <c>objdump -d -M intel --no-show-raw-insn</c> shows it, where addresses stand for labels.</summary>
    public static JitListing OfObjdump(string method, string text)
    {
        var listing = new JitListing(method, "NativeAOT");
        foreach (Match line in ObjdumpLine().Matches(text))
        {
            string instruction = line.Groups["instruction"].Value;
            if (ObjdumpTarget().Match(instruction) is { Success: true } jump && jump.Groups["name"].Value != "call")
            {
                instruction = $"{jump.Groups["name"].Value} G_M{jump.Groups["target"].Value}";
            }

            listing.Add($"G_M{line.Groups["address"].Value}:");
            listing.Add("    " + instruction);
        }

        return listing;
    }

    private void Add(string line)
    {
        if (Label().Match(line) is { Success: true } label)
        {
            _labels.Add(label.Groups["name"].Value, _instructions.Count);
        }
        else if (Line().Match(line) is { Success: true } match && match.Groups["name"].Value is not "align")
        {
            string prefixes = match.Groups["prefixes"].Value.Trim();
            _instructions.Add(new Instruction(_instructions.Count, prefixes, match.Groups["name"].Value, match.Groups["operands"].Value.Trim()));
        }
    }

    [GeneratedRegex(@"^ +(?<address>[0-9a-f]+):\t(?<instruction>.+)$", RegexOptions.Multiline)]
    private static partial Regex ObjdumpLine();

    [GeneratedRegex(@"^(?<name>j\w+|call) +(?<target>[0-9a-f]+) <")]
    private static partial Regex ObjdumpTarget();

    [GeneratedRegex(@"^; Assembly listing for method (?<method>.+) \((?<tier>[^()]+)\)$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?<name>G_M\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\s+(?<prefixes>((lock|rep|repne|data16)\s+)*)(?<name>[a-z]\w*)\b(?<operands>[^;]*)")]
    private static partial Regex Line();
}

/// <summary>One machine instruction of a listing.</summary>
/// <param name="Index">The place in the listing, which tells equal instructions apart.</param>
/// <param name="Prefixes">Such as <c>lock</c>.</param>
internal sealed record Instruction(int Index, string Prefixes, string Name, string Operands)
{
    public bool IsCall => Name is "call";

    public bool IsReturn => Name is "ret";

    public bool IsJump => Name[0] == 'j' || Name is "tail";

    public bool IsConditional => IsJump && Name is not ("jmp" or "tail");

    public bool IsLocked => Prefixes.Contains("lock", StringComparison.Ordinal) || (Name is "xchg" && Operands.Contains('['));

    public override string ToString() => $"{Prefixes} {Name,-8} {Operands}".Trim();
}
