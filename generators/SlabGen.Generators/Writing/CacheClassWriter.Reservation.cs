namespace SlabGen.Generators;

/// <summary>Objects that are set aside.</summary>
internal sealed partial class CacheClassWriter
{
    // global::SlabGen.SlabReservation<global::Shop.Order>
    private string Reservation => $"global::SlabGen.SlabReservation<{_model.Struct}>";

    private void WriteReserve()
    {
        _writer.Gap();
        _writer.Write(
            $"""
            /// <summary>Sets objects aside, so that allocations from the reservation cannot run out of memory.</summary>
            /// <param name="count">How many objects.</param>
            /// <returns>The reservation. Disposing of it frees the objects that were not taken.</returns>
            /// <exception cref="global::System.OutOfMemoryException">The memory or the cache's limit does not suffice for all of them. None was set aside.</exception>
            public static {(Prepares ? "Reservation" : Reservation)} Reserve(int count) => new({(Prepares ? $"new {Reservation}(Cache, count)" : "Cache, count")});
            """);
    }

    /// <summary>A reservation that prepares its objects. Without hooks the class uses the runtime's.</summary>
    private void WriteReservation()
    {
        if (!Prepares)
        {
            return;
        }

        _writer.Gap();
        _writer.Write("/// <summary>Objects that are set aside. Only one thread at a time may use a reservation.</summary>");
        _writer.Open("public sealed class Reservation : global::System.IDisposable");
        _writer.Write(
            $"""
            private readonly {Reservation} _reserved;

            internal Reservation({Reservation} reserved) => _reserved = reserved;

            /// <summary>How many objects can still be taken.</summary>
            public int Remaining => _reserved.Remaining;

            /// <summary>Takes one of the objects. {ContentOfAnObject}</summary>
            /// <returns>The object. Free it with <c>Free</c>, like any other.</returns>
            /// <exception cref="global::System.InvalidOperationException">All objects were taken.</exception>
            """);
        if (_model.Init is { CanRefuse: true } init)
        {
            _writer.Write(
                $"""/// <exception cref="global::System.OutOfMemoryException"><c>{init.Method}</c> refused the object, which went back to the cache.</exception>""");
        }

        _writer.Open($"public {_ptr} Alloc()");
        _writer.Write($"{_ptr} result = _reserved.Alloc();");
        WritePrepare("result");
        _writer.Write("return result;");
        _writer.Close();
        _writer.Gap();
        _writer.Write(
            """
            /// <summary>Frees the objects that were not taken.</summary>
            public void Dispose() => _reserved.Dispose();
            """);
        _writer.Close();
    }
}
