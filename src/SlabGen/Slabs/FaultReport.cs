using System.Globalization;
using System.Text;
using SlabGen.Checking;

namespace SlabGen.Slabs;

/// <summary>
/// Writes the report of a bad pointer or of bytes that were written over, in the shape of the kernel's <c>slab_bug</c>
/// and <c>print_trailer</c>.
/// </summary>
internal static class FaultReport
{
    /// <summary>Of a bad pointer. The caller does not hold the list lock.</summary>
    /// <param name="slabs">The slabs of the cache that found it, in checked mode.</param>
    /// <param name="fault">What is wrong.</param>
    /// <param name="address">The pointer.</param>
    /// <param name="what">The same in words.</param>
    public static SlabReport Of(CacheSlabs slabs, SlabFault fault, nint address, string what)
    {
        bool isIn = slabs.TryFind(address, out SlabPlace place) && place.Index >= 0 && place.Index < place.Objects;
        nint start = isIn ? place.Memory + ((nint)place.Index * slabs.Layout.Size) : 0;
        ObjectImage? image = slabs.CopyAt(address);
        StringBuilder text = Begin(slabs, what);
        image?.AppendTracks(text);
        AppendSlab(text, slabs, place);
        if (isIn)
        {
            string inside = address == start ? "" : $", the pointer {address - start} bytes into it";
            text.AppendLine(CultureInfo.InvariantCulture, $"Object 0x{start:x} @offset={start - place.Start}{inside}: {StateOf(slabs, start)}");
        }

        AppendBytes(text, image);
        return new SlabReport(fault, slabs.Name, address)
        {
            ObjectAddress = start,
            ObjectSize = isIn ? slabs.Layout.ObjectSize : 0,
            Allocated = image?.Allocated,
            Freed = image?.Freed,
            Text = text.ToString(),
        };
    }

    /// <summary>Of marks that were written over.</summary>
    public static SlabReport Of(CacheSlabs slabs, ObjectDamage damage, SlabPlace place)
    {
        ObjectImage image = damage.Image;
        StringBuilder text = Begin(slabs, damage.What);
        text.AppendLine(CultureInfo.InvariantCulture, $"0x{damage.First:x}-0x{damage.First + damage.Found.Length - 1:x} @offset={damage.First - place.Start}. First byte 0x{damage.Found[0]:x2} instead of 0x{damage.Region.Value:x2}");
        image.AppendTracks(text);
        AppendSlab(text, slabs, place);
        text.AppendLine(CultureInfo.InvariantCulture, $"Object 0x{image.Object:x} @offset={image.Object - place.Start}: {(damage.WasFree ? "free" : "live")}");
        AppendBytes(text, image);
        return new SlabReport(damage.Fault, slabs.Name, damage.First)
        {
            ObjectAddress = image.Object,
            ObjectSize = slabs.Layout.ObjectSize,
            Expected = damage.Expected,
            Found = damage.Found,
            Allocated = image.Allocated,
            Freed = image.Freed,
            Text = text.ToString(),
        };
    }

    private static StringBuilder Begin(CacheSlabs slabs, string what) =>
        new StringBuilder().Append('=', 77).AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"BUG {slabs.Name}: {what}")
            .Append('-', 77).AppendLine()
            .AppendLine();

    private static void AppendSlab(StringBuilder text, CacheSlabs slabs, SlabPlace place)
    {
        if (place.Objects > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Slab 0x{place.Start:x} objects={place.Objects} size={slabs.Layout.Size}");
        }
    }

    private static void AppendBytes(StringBuilder text, ObjectImage? image)
    {
        if (image is not null)
        {
            image.AppendBytes(text.AppendLine());
        }
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
