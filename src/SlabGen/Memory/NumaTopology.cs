
namespace SlabGen.Memory;

/// <summary>
/// The nodes of the machine that have memory, and how far apart they are (the kernel's <c>node_distance</c>). An index
/// counts these nodes from 0. The system's own numbers may have gaps.
/// </summary>
internal sealed class NumaTopology
{
    private const int MaxNumber = 1 << 16; // beyond any kernel's processors; a malformed list stays short

    private readonly int[] _nodes;
    private readonly int[][] _distances; // by index: from, to
    private readonly int[] _nodeOfProcessor; // an index, by the processor's number

    private NumaTopology(int[] nodes, int[][] distances, int[] nodeOfProcessor) =>
        (_nodes, _distances, _nodeOfProcessor) = (nodes, distances, nodeOfProcessor);

    /// <summary>
    /// The machine that the process runs on. It has one node if the system is not Linux, or does not say.
    /// </summary>
    public static NumaTopology Current { get; } = OperatingSystem.IsLinux() ? Read("/sys/devices/system/node") : OneNode();

    /// <summary>The system's numbers of the nodes, ascending.</summary>
    public IReadOnlyList<int> Nodes => _nodes;

    /// <summary>
    /// Reads the files in <c>/sys/devices/system/node</c>. The result is one node 0 when a file is missing or makes no
    /// sense.
    /// </summary>
    public static NumaTopology Read(string directory)
    {
        string? Text(string file) => SystemFile.Read(Path.Combine(directory, file));

        string? onlineText = Text("online");
        int[]? online = ParseList(onlineText);
        int[]? populated = ParseList(Text("has_memory") ?? Text("has_normal_memory") ?? onlineText);
        int[] nodes = Common(online, populated);
        if (nodes.Length == 0 || online!.Length == 1)
        {
            // Of one nothing more is to be known.
            return nodes.Length == 0 ? OneNode() : new NumaTopology(nodes, [[10]], []);
        }

        int[] nodeOfProcessor = [];
        int[][] distances = new int[nodes.Length][];
        foreach (int node in online)
        {
            int[]? processors = ParseList(Text($"node{node}/cpulist")), row = ParseRow(Text($"node{node}/distance"));
            if (processors is null || row?.Length != online.Length)
            {
                return OneNode();
            }

            // The row has a column for each node that is online, whatever its number.
            int[] distance = new int[nodes.Length];
            for (int other = 0; other < nodes.Length; other++)
            {
                distance[other] = row[IndexOf(online, nodes[other])];
            }

            int index = IndexOf(nodes, node);
            if (index >= 0)
            {
                distances[index] = distance;
            }
            else
            {
                index = Nearest(distance);
            }

            foreach (int processor in processors)
            {
                if (processor >= nodeOfProcessor.Length)
                {
                    Array.Resize(ref nodeOfProcessor, processor + 1);
                }

                nodeOfProcessor[processor] = index;
            }
        }

        return new NumaTopology(nodes, distances, nodeOfProcessor);
    }

    /// <summary>
    /// The index of a processor's node, or of the nearest node if its own has no memory; 0 for an unknown processor.
    /// </summary>
    public int NodeOfProcessor(int processor) =>
        (uint)processor < (uint)_nodeOfProcessor.Length ? _nodeOfProcessor[processor] : 0;

    /// <summary>The index of the node that the calling thread runs on, for now.</summary>
    public int CurrentNode() => _nodes.Length == 1 ? 0 : NodeOfProcessor(Thread.GetCurrentProcessorId());

    /// <summary>
    /// The indexes of all nodes, in the order to try for memory: the node itself, then the others by distance. Of two
    /// that are equally near, the lower number comes first (the kernel's <c>find_next_best_node</c>, without its turns
    /// among equals).
    /// </summary>
    public int[] FallbackOrder(int nodeIndex)
    {
        int[] order = new int[_nodes.Length];
        if (order.Length == 1)
        {
            return order; // the usual machine: tuples and their sort would be compiled for nothing
        }

        var distances = new (bool IsOther, int Distance, int Index)[order.Length];
        for (int other = 0; other < order.Length; other++)
        {
            order[other] = other;
            distances[other] = (other != nodeIndex, _distances[nodeIndex][other], other);
        }

        Array.Sort(distances, order);
        return order;
    }

    /// <summary>Those of a list that another has too.</summary>
    private static int[] Common(int[]? numbers, int[]? others)
    {
        var common = new List<int>();
        foreach (int number in numbers ?? [])
        {
            if (others is not null && IndexOf(others, number) >= 0)
            {
                common.Add(number);
            }
        }

        return common.ToArray();
    }

    // Not Array.IndexOf, which the framework has no compiled code of for numbers.
    private static int IndexOf(int[] numbers, int number)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] == number)
            {
                return i;
            }
        }

        return -1;
    }

    private static NumaTopology OneNode() => new([0], [[10]], []);

    private static int Nearest(int[] distance)
    {
        int nearest = 0;
        for (int i = 1; i < distance.Length; i++)
        {
            nearest = distance[i] < distance[nearest] ? i : nearest;
        }

        return nearest;
    }

    /// <summary>The numbers of a list such as <c>0-1,3</c>, ascending. An empty list has none.</summary>
    private static int[]? ParseList(string? list)
    {
        var numbers = new List<int>();
        foreach (string item in list?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            string[] ends = item.Split('-');
            if (ends.Length > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last)
                || first > last)
            {
                return null;
            }

            for (int number = first; number <= last; number++)
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        int previous = -1;
        numbers.RemoveAll(number => previous == (previous = number)); // ranges may overlap
        return list is null ? null : [.. numbers];
    }

    private static int[]? ParseRow(string? row)
    {
        var numbers = new List<int>();
        foreach (string item in row?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            if (!TryParse(item, out int number))
            {
                return null;
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static bool TryParse(string text, out int number)
    {
        bool parsed = SystemFile.TryParse(text, out long value) && value < MaxNumber;
        number = parsed ? (int)value : 0;
        return parsed;
    }
}
