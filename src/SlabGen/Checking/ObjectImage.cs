using System.Globalization;
using System.Text;

namespace SlabGen.Checking;

/// <summary>A copy of an object and its marks, for a report.</summary>
internal sealed class ObjectImage
{
    private const int MostShown = 512, PerLine = 16; // of an object; the kernel shows a page

    private readonly byte[] _bytes; // from the left red zone to the end of the padding

    /// <summary>Copies it. Whoever asks knows that the memory is there.</summary>
    public unsafe ObjectImage(MarkedLayout layout, nint address)
    {
        Layout = layout;
        Object = address;
        _bytes = new ReadOnlySpan<byte>((void*)(address - layout.LeftZone), layout.Size).ToArray();
        if (layout.Has(SlabDebug.Users))
        {
            var tracks = (TrackSite*)(address + layout.TrackStart);
            (Allocated, Freed) = (tracks[0].ToTrack(), tracks[1].ToTrack());
        }
    }

    public MarkedLayout Layout { get; }

    public nint Object { get; }

    public SlabTrack? Allocated { get; }

    public SlabTrack? Freed { get; }

    /// <summary>Who allocated and who freed it, as the kernel's <c>print_tracking</c>.</summary>
    public void AppendTracks(StringBuilder text)
    {
        Append("Allocated", Allocated);
        Append("Freed", Freed);

        void Append(string what, SlabTrack? track)
        {
            if (track is not null)
            {
                text.Append(what).Append(' ').AppendLine(track.ToString().ReplaceLineEndings());
            }
        }
    }

    /// <summary>The bytes, as the kernel's <c>print_trailer</c> with its hex dumps.</summary>
    public void AppendBytes(StringBuilder text)
    {
        Append("Redzone", -Layout.LeftZone, 0);
        Append("Object", 0, Math.Min(Layout.ObjectSize, MostShown));
        Append("Redzone", Layout.ObjectSize, Layout.RedEnd);
        Append("Padding", Math.Max(Layout.RedEnd, EndOfTracks), Layout.End);

        void Append(string what, int start, int stop)
        {
            for (int at = start; at < stop; at += PerLine)
            {
                ReadOnlySpan<byte> line = _bytes.AsSpan(Layout.LeftZone + at, Math.Min(PerLine, stop - at));
                text.Append(CultureInfo.InvariantCulture, $"{what,-8} {Object + at:x16}: ");
                foreach (byte one in line)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{one:x2} ");
                }

                text.Append(' ', ((PerLine - line.Length) * 3) + 1);
                foreach (byte one in line)
                {
                    text.Append(one is >= 0x20 and < 0x7f ? (char)one : '.');
                }

                text.AppendLine();
            }
        }
    }

    private int EndOfTracks =>
        Layout.Has(SlabDebug.Users) ? Layout.TrackStart + (MarkedLayout.Tracks * MarkedLayout.TrackBytes) : 0;
}
