using System.Globalization;
using System.Text;
using SlabGen.Checking;

namespace SlabGen.Slabs;

/// <summary>Writes the report of a bad pointer, in the shape of the kernel's <c>slab_bug</c>.</summary>
internal static class FaultReport
{
    /// <summary>The caller does not hold the list lock.</summary>
    /// <param name="slabs">The slabs of the cache that found it, in checked mode.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="address">The pointer.</param>
    /// <param name="what">The same in words.</param>
    public static SlabReport Of(CacheSlabs slabs, SlabFault fault, nint address, string what)
    {
        bool isIn = slabs.TryFind(address, out SlabPlace place) && place.Index >= 0 && place.Index < place.Objects;
        nint start = isIn ? place.Memory + ((nint)place.Index * slabs.Layout.Size) : 0;
        var text = new StringBuilder();
        text.Append('=', 77).AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"BUG {slabs.Name}: {what}")
            .Append('-', 77).AppendLine()
            .AppendLine();
        if (place.Objects > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Slab 0x{place.Start:x} objects={place.Objects} size={slabs.Layout.Size}");
        }

        if (isIn)
        {
            string inside = address == start ? "" : $", the pointer {address - start} bytes into it";
            text.AppendLine(CultureInfo.InvariantCulture, $"Object 0x{start:x} @offset={start - place.Start}{inside}: {StateOf(slabs, start)}");
        }

        return new SlabReport(fault, slabs.Name, address)
        {
            ObjectAddress = start,
            ObjectSize = isIn ? slabs.Layout.ObjectSize : 0,
            Text = text.ToString(),
        };
    }

    private static string StateOf(CacheSlabs slabs, nint start) => slabs.States!.Of(start) switch
    {
        ObjectStates.Live => "live",
        ObjectStates.Held => "live, by a handle",
        ObjectStates.Waiting => "freed, until a grace period has passed",
        ObjectStates.Free => "free",
        _ => "on its way",
    };
}
